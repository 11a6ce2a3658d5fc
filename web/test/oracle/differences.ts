/** Where we answer otherwise than Grafana's library, each with its reason. A difference that is not here fails, and so does one that is here and is none any more. */
const nothingIsNothing = 'of no numbers there is no result; theirs is an artefact of how it starts to count';
const emptyIsKnown = 'what can be said of an empty list is said: nothing counted, nothing changed';
const wordsAreNoNumbers = 'words and flags have no order among numbers; theirs sorts them as JavaScript does';
const negativeTime = 'theirs takes the remainder of a negative time and loses its sign';
const narrowSpace = 'theirs has the narrow space of the browser’s locale before AM and PM';
const years = 'our year has 365 days throughout; theirs changes its length between units';
const noSpan = 'a share of no span is no number; theirs divides by zero or hands out undefined';
const missing = 'a missing value is no zero';

export const differences: Record<string, string> = {
  'reduce(empty) allValues': emptyIsKnown, 'reduce(empty) uniqueValues': emptyIsKnown, 'reduce(empty) changeCount': emptyIsKnown, 'reduce(empty) distinctCount': emptyIsKnown,
  'reduce(empty) delta': emptyIsKnown, 'reduce(empty) stdDev': emptyIsKnown, 'reduce(empty) variance': emptyIsKnown,
  'reduce(flags) allIsNull': 'flags that are there are not null', 'reduce(words) allIsNull': 'words that are there are not null',
  'reduce(flags) diffperc': nothingIsNothing, 'reduce(words) diffperc': nothingIsNothing, 'reduce(nothing) diffperc': nothingIsNothing,
  'reduce(flags) logmin': nothingIsNothing, 'reduce(words) logmin': nothingIsNothing, 'reduce(nothing) logmin': nothingIsNothing, 'reduce(zeros) logmin': nothingIsNothing,
  'reduce(nothing) median': nothingIsNothing, 'reduce(flags) median': wordsAreNoNumbers, 'reduce(words) median': wordsAreNoNumbers,
  'reduce(flags) p*': wordsAreNoNumbers, 'reduce(words) p*': wordsAreNoNumbers,
  'unit clockms -*': negativeTime, 'unit clocks -*': negativeTime,
  'unit dateTimeAsLocal *': narrowSpace, 'unit dateTimeAsLocalNoDateIfToday *': narrowSpace,
  'unit m 1000000000000*': years, 'unit m 12345678 .2': years, 'unit s 1000000000000*': years, 'unit timeticks 1000000000000 .2': years,
  'merge 1 {}': 'rows of several series would all carry the name of the first',
  'sortBy 0 *': 'what is missing comes last in both directions; theirs takes it for zero', 'filterByValue 6 *': missing, 'filterByValue 7 *': missing, 'filterByValue 8 *': missing, 'filterByValue 9 *': missing,
  'histogram 3 *': 'theirs is called Count as well, by a note the comparison throws away',
  'calculateField 16 *': missing, 'calculateField 43 *': 'their moving mean forgets to drop what leaves the window when a value is missing',
  'display colour its own limits number zero *': noSpan, 'display share its own limits number zero *': noSpan, 'display share its own limits number none *': noSpan,
  'matcher byValue {"reducer":"allIsNull"} C': 'words and flags that are there are not null',
  'convertFieldType 6 *': 'text turned into text stays what it is; theirs puts quotes around it',
};
