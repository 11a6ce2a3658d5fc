/** The letters by which queries are named: A to Z, then AA to ZZ. */
const letter = (i: number): string => String.fromCharCode(65 + i);
const lettersMax = 26;
const namesMax = lettersMax * (lettersMax + 1);

/** The first name that no query has. */
export function nextRefId(taken: readonly string[]): string {
  const used = new Set(taken);
  for (let i = 0; i < namesMax; i += 1) {
    const name = i < lettersMax ? letter(i) : letter(Math.floor(i / lettersMax) - 1) + letter(i % lettersMax);
    if (!used.has(name)) return name;
  }
  return `Q${taken.length + 1}`;
}
