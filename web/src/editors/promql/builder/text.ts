/** Texts of PromQL: quoted, and read back. */

/** Double quotes, with escapes where they are needed. Variables stay as they are. */
export function quoteText(text: string): string {
  let out = '"';
  for (const c of text) out += c === '\\' ? '\\\\' : c === '"' ? '\\"' : c === '\n' ? '\\n' : c === '\t' ? '\\t' : c === '\r' ? '\\r' : c;
  return `${out}"`;
}

const simple: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v', '\\': '\\', '"': '"', "'": "'" };

/** The text inside a literal; undefined if it has an escape that we do not read. */
export function readText(literal: string): string | undefined {
  const quote = literal.charAt(0);
  const inner = literal.slice(1, -1);
  if (quote === '`') return inner;
  let bad = false;
  const out = inner.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/gs, (_, e: string) => {
    if (/^[xu]./.test(e) && e.length > 1) return String.fromCharCode(Number.parseInt(e.slice(1), 16));
    const found = simple[e];
    if (found === undefined) bad = true;
    return found ?? '';
  });
  return bad ? undefined : out;
}

/** Names that may stand in a selector or a list of labels without quotes. */
export const plainLabel = (name: string): boolean => /^[a-zA-Z_]\w*$/.test(name) || /^\$(\w+|\{[^}]*\})$/.test(name);
export const plainMetric = (name: string): boolean => /^[a-zA-Z_:][\w:]*$/.test(name.replace(/\$(\w+|\{[^}]*\})|\[\[\w+\]\]/g, 'v'));
const label = (name: string): string => (plainLabel(name) ? name : quoteText(name));
export { label as labelText };
