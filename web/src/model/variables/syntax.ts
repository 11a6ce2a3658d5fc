/** Finds variables in text: `$name`, `${name}`, `${name:format}`, `${name.path:format}`, `[[name]]`, `[[name:format]]`. */
const pattern = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

interface Reference {
  whole: string;
  name: string;
  path?: string | undefined;
  format?: string | undefined;
}

/** Replaces each reference by what `resolve` answers; undefined leaves it as it stands. */
export function replaceReferences(text: string, resolve: (ref: Reference) => string | undefined): string {
  if (!text.includes('$') && !text.includes('[[')) return text;
  return text.replace(pattern, (whole: string, bare?: string, square?: string, squareFormat?: string, braced?: string, path?: string, format?: string) =>
    resolve({ whole, name: bare ?? square ?? braced ?? '', path, format: squareFormat ?? format }) ?? whole);
}

/** Names of the variables a text uses. */
export function referencedNames(text: string): Set<string> {
  const found = new Set<string>();
  replaceReferences(text, (ref) => {
    found.add(ref.name);
    return undefined;
  });
  return found;
}
