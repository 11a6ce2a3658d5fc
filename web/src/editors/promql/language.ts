/** PromQL for the editor: the grammar of Prometheus over a text whose variables are masked, and what is wrong with a query, with positions. */
import { ensureSyntaxTree, Language, LanguageSupport, syntaxTree } from '@codemirror/language';
import type { Diagnostic } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { LanguageType, promQLLanguage, PromQLExtension } from '@prometheus-io/codemirror-promql';
import { aboutNewer, maskNewer } from './newer';
import { findVariables, maskVariables } from './variables';

const grammar = promQLLanguage(LanguageType.PromQL);

/** Queries are short: the whole text is parsed anew with each change, with stand-ins of equal length for variables and newer functions. */
const parser = Object.create(grammar.parser) as typeof grammar.parser;
parser.createParse = (input, _fragments, ranges) => {
  const text = maskNewer(maskVariables(input.read(0, input.length)));
  const masked = { length: text.length, lineChunks: false, chunk: (from: number) => text.slice(from), read: (from: number, to: number) => text.slice(from, to) };
  return grammar.parser.createParse(masked, [], ranges);
};

export const promQL = new Language(grammar.data, parser, [], 'promql');
export const promQLSupport = (extensions: LanguageSupport['support']): LanguageSupport => new LanguageSupport(promQL, extensions);

const checker = new PromQLExtension().getLinter();

/** Where a refusal of the server points: its messages begin with `line:column: parse error:`. */
export function serverDiagnostic(message: string, text: string): Diagnostic | undefined {
  const m = /(?:^|\s)(\d+):(\d+): (?:parse error: )?(.*)/s.exec(message);
  if (!m) return undefined;
  const lines = text.split('\n');
  const line = Number(m[1]) - 1;
  const start = lines.slice(0, line).reduce((n, l) => n + l.length + 1, 0) + Number(m[2]) - 1;
  if (line >= lines.length || start > text.length) return undefined;
  const word = /^\w+/.exec(text.slice(start))?.[0].length ?? 1;
  const from = Math.min(start, Math.max(0, text.length - 1));
  return { from, to: Math.min(text.length, from + word), severity: 'error', message: m[3] ?? message, source: 'server' };
}

/** What the grammar and the types say; nothing about variables, whose values are not known here. */
export function checkQuery(state: EditorState): Diagnostic[] {
  const text = state.doc.toString();
  if (text.trim() === '') return [];
  const variables = findVariables(text).filter((v) => v.where !== 'text');
  // The checker looks at nothing but the state of the view it is given.
  const masked = parsed(variables.length === 0 ? state : EditorState.create({ doc: maskVariables(text), extensions: [promQL] }));
  if (!masked) return [];
  const found = checker.promQL()({ state: masked } as EditorView);
  const faults = (Array.isArray(found) ? found : []).flatMap((d) => {
    const message = variables.some((v) => v.from < d.to && v.to > d.from) ? undefined : aboutNewer(text, d.from, d.message);
    return message === undefined ? [] : [{ ...d, message }];
  });
  return faults.length > 0 ? faults : incomplete(masked);
}

/** How long a query may take to read before it is judged. */
const readMs = 500;

/**
 * The state with its whole text read; undefined when there was no time for that. A state begins with what a few milliseconds of
 * reading brought: on a busy machine that is a part, and the part would be called incomplete.
 */
function parsed(state: EditorState): EditorState | undefined {
  return ensureSyntaxTree(state, state.doc.length, readMs) ? state.update({}).state : undefined;
}

/** The checker passes over places where something is missing altogether, such as a closing bracket. */
function incomplete(state: EditorState): Diagnostic[] {
  const found: Diagnostic[] = [];
  const length = state.doc.length;
  syntaxTree(state).iterate({
    enter: (node) => {
      if (!node.type.isError || found.length > 0) return;
      const from = Math.max(0, Math.min(node.from, length - 1));
      found.push({ from, to: Math.min(length, Math.max(node.to, from + 1)), severity: 'error', message: node.to >= length ? 'The query is not complete: something is missing at its end.' : 'The query cannot be read from here on.' });
    },
  });
  return found;
}
