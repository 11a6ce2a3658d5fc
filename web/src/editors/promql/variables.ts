/** Variables in a query (`$name`, `${name:format}`, `[[name]]`): where they stand, and stand-ins of the same length so that the text can be parsed. */

interface VariableSpan {
  from: number;
  to: number;
  /** `range`: between brackets or after `offset`; `text`: inside a string or a comment. */
  where: 'range' | 'text' | 'name';
}

const variable = /\$(?:\w+|\{[^}\n]*\})|\[\[\w+(?::\w+)?\]\]/y;

/** All variables in reading order. */
export function findVariables(text: string): VariableSpan[] {
  const found: VariableSpan[] = [];
  let quote = '';
  let depth = 0;
  for (let i = 0; i < text.length;) {
    const c = text.charAt(i);
    variable.lastIndex = i;
    const m = variable.exec(text);
    if (m && (c === '$' || depth === 0)) {
      const after = /\boffset\s+-?$/.test(text.slice(0, i));
      found.push({ from: i, to: i + m[0].length, where: quote !== '' ? 'text' : depth > 0 || after ? 'range' : 'name' });
      i += m[0].length;
      continue;
    }
    if (quote !== '') {
      if (c === '\\' && quote !== '`') i += 1;
      else if (c === quote || (quote === '#' && c === '\n')) quote = '';
    } else if (c === '"' || c === "'" || c === '`' || c === '#') quote = c;
    else if (c === '[') depth += 1;
    else if (c === ']') depth = Math.max(0, depth - 1);
    i += 1;
  }
  return found;
}

/** The text with every variable replaced by something of the same length that a parser accepts in its place. */
export function maskVariables(text: string): string {
  let out = '';
  let at = 0;
  for (const v of findVariables(text)) {
    const length = v.to - v.from;
    out += text.slice(at, v.from);
    if (v.where === 'range') out += length < 2 ? '1' : `${'1'.repeat(length - 1)}m`;
    else out += 'v'.repeat(length);
    at = v.to;
  }
  return out + text.slice(at);
}

/** Puts readable stand-ins in place of variables, for a server that does not know them; `restore` undoes it in the answer. */
export function carryVariables(text: string): { text: string; restore: (answer: string) => string } {
  const kept: [string, string][] = [];
  let out = '';
  let at = 0;
  for (const v of findVariables(text)) {
    if (v.where === 'text') continue;
    out += text.slice(at, v.from);
    // Days that are no whole number of weeks: the server prints them as they came.
    const standIn = v.where === 'range' ? `${50_002 + kept.length * 7}d` : `variable_${kept.length}_`;
    kept.push([standIn, text.slice(v.from, v.to)]);
    out += standIn;
    at = v.to;
  }
  out += text.slice(at);
  return { text: out, restore: (answer) => kept.reduce((s, [standIn, name]) => s.replaceAll(standIn, () => name), answer) };
}
