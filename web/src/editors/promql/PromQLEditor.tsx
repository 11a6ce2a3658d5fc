/** The PromQL editor itself (CodeMirror); its chunk is loaded by the field in `index.tsx`. */
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching } from '@codemirror/language';
import { forceLinting, linter, lintKeymap } from '@codemirror/lint';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder, tooltips } from '@codemirror/view';
import { newCompleteStrategy } from '@prometheus-io/codemirror-promql';
import { useEffect, useLayoutEffect, useRef } from 'react';
import '../styles';
import { typeOver } from '../typing';
import { completionClient } from './client';
import { hoverHelp } from './hover';
import { checkQuery, promQL, promQLSupport, serverDiagnostic } from './language';
import { promQLTheme } from './theme';
import type { PromQLFieldProps } from './types';

/** Variables every query may use; the server or the page fills them in. */
const builtIn = ['__interval', '__rate_interval', '__range', '__range_s', '__interval_ms', '__range_ms'];

const labelled = (label: string, describedBy: string | undefined): ReturnType<typeof EditorView.contentAttributes.of> =>
  EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', autocapitalize: 'off', ...(describedBy === undefined ? {} : { 'aria-describedby': describedBy }) });

function completeVariables(context: CompletionContext, own: readonly string[]): CompletionResult | null {
  const typed = context.matchBefore(/\$\{?\w*/);
  if (!typed) return null;
  return { from: typed.from, options: [...builtIn, ...own].map((name) => ({ label: `$${name}`, type: 'variable', detail: builtIn.includes(name) ? 'filled in by the server' : 'variable of the dashboard' })), validFor: /^\$\{?\w*$/ };
}
function completeRecent(context: CompletionContext, recent: readonly string[]): CompletionResult | null {
  if (!context.explicit || context.state.doc.toString().trim() !== '' || recent.length === 0) return null;
  return { from: 0, to: context.state.doc.length, filter: false, options: recent.slice(0, 20).map((label) => ({ label, type: 'text', detail: 'asked before' })) };
}

export default function PromQLEditor(props: PromQLFieldProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const latest = useRef(props);
  const attributes = useRef(new Compartment());
  useLayoutEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (!host.current) return undefined;
    const first = latest.current;
    const source = (): string => latest.current.source;
    const strategy = newCompleteStrategy({ remote: completionClient(source) });
    const run = (): boolean => {
      latest.current.onRun?.();
      return true;
    };
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: first.value,
        extensions: [
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run }, { key: 'Shift-Enter', run }])),
          Prec.high(keymap.of([{ key: 'Tab', run: acceptCompletion }])),
          history(), typeOver, bracketMatching(), closeBrackets(), EditorView.lineWrapping,
          promQLSupport([
            promQL.data.of({ autocomplete: (c: CompletionContext) => completeVariables(c, latest.current.variables ?? []) }),
            promQL.data.of({ autocomplete: (c: CompletionContext) => completeRecent(c, latest.current.recent ?? []) }),
            promQL.data.of({ autocomplete: (c: CompletionContext) => (c.matchBefore(/\$\{?\w*/) ? null : strategy.promQL(c)) }),
          ]),
          autocompletion({ maxRenderedOptions: 60, icons: false }),
          linter((v) => {
            const found = checkQuery(v.state);
            const refused = latest.current.problem;
            const said = refused !== undefined && refused.value === v.state.doc.toString() ? serverDiagnostic(refused.message, refused.value) : undefined;
            return said && found.length === 0 ? [said] : found;
          }, { delay: 400 }),
          hoverHelp(source),
          // Lists must not be cut off by panes that scroll.
          tooltips({ position: 'fixed', parent: host.current.closest('dialog') ?? document.body }),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
          promQLTheme,
          placeholder(first.placeholder ?? 'Write a query, or press Ctrl+Space for suggestions'),
          attributes.current.of(labelled(first.label, first.describedBy)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
            if (update.focusChanged && !update.view.hasFocus) latest.current.onBlur?.();
          }),
        ],
      }),
    });
    view.current = editor;
    if (first.autoFocus) {
      editor.focus();
      if (first.value === '') startCompletion(editor);
    }
    return () => {
      view.current = undefined;
      strategy.destroy?.();
      editor.destroy();
    };
  }, []);

  const { value, label, describedBy, problem } = props;
  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value) editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => view.current?.dispatch({ effects: attributes.current.reconfigure(labelled(label, describedBy)) }), [label, describedBy]);
  useEffect(() => {
    // The marks are made anew, with what the server said of this very text.
    if (view.current && problem !== undefined) forceLinting(view.current);
  }, [problem]);
  return <div ref={host} className="promql-editor" />;
}
