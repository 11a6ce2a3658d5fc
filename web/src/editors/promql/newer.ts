/** Functions of PromQL that are newer than the grammar that reads it here, and older ones that stand in for them while it does. */

interface NewerFunction {
  name: string;
  /** Of the same length, with the same first argument. */
  standIn: string;
  info: string;
}

/** Since Prometheus 3.16; to be left out when `@prometheus-io/lezer-promql` has it. */
export const integral: NewerFunction = { name: 'integral', standIn: 'increase', info: 'Calculate the area below a gauge over a range of time, in its unit times seconds.' };

/** Texts and comments, in which nothing is a call, or the name in front of its bracket. */
const places = new RegExp(String.raw`"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|${'`'}[^${'`'}]*${'`'}|#.*|\b${integral.name}(?=\s*\()`, 'g');

/** The text with stand-ins for newer functions: as long as before. */
export const maskNewer = (text: string): string => text.replace(places, (found) => (found === integral.name ? integral.standIn : found));

/** What the checker says about a stand-in, said about the function itself; undefined when it is no fault of that. */
export function aboutNewer(text: string, from: number, message: string): string | undefined {
  const callee = `"${integral.standIn}"`;
  if (!message.includes(callee) || !text.includes(integral.name)) return message;
  if (text.startsWith(integral.name, from)) {
    // The second argument, which the stand-in does not have.
    if (message === `expected 1 argument(s) in call to ${callee}, got 2`) return undefined;
  } else if (new RegExp(String.raw`\b${integral.standIn}\b`).test(text)) return message;
  return message.replace(callee, `"${integral.name}"`);
}
