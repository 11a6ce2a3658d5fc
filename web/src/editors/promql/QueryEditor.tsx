/** One PromQL query as a person edits it: builder or code, with the switch between them, laying out, and what is wrong. */
import { Braces, TextCursorInput, WandSparkles } from 'lucide-react';
import { Suspense, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { EditorMode } from '../../model/datasource';
import { wordsOf } from '../../model/errors';
import { lazyPart } from '../../ui/boundary';
import { toast } from '../../ui/toast';
import { PromQLField, type PromQLFieldProps } from './index';
import type { ParsedQuery } from './builder/parse';
import type { VisualQuery } from './builder/types';

const Builder = lazyPart(() => import('./builder/Builder'));
const icon = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;

interface QueryEditorProps extends PromQLFieldProps {
  mode: EditorMode;
  onMode: (mode: EditorMode) => void;
  /** Stands before and after the tools, in the same row. */
  lead?: ReactNode;
  tools?: ReactNode;
}

/** The builder's code (grammar, operations) comes when it is first wanted. */
interface Parts {
  parse: (text: string) => ParsedQuery;
  print: (query: VisualQuery) => string;
}
let loaded: Parts | undefined;
async function load(): Promise<Parts> {
  const [a, b] = await Promise.all([import('./builder/parse'), import('./builder/print')]);
  loaded = { parse: a.parseQuery, print: b.printQuery };
  return loaded;
}

export function QueryEditor({ mode, onMode, lead, tools, ...field }: QueryEditorProps) {
  const { value, onChange, source } = field;
  const [parts, setParts] = useState(() => loaded);
  const [busy, setBusy] = useState(false);
  /** What is being built, with half-done filters that the text does not show. */
  const [draft, setDraft] = useState<{ text: string; query: VisualQuery }>();
  useEffect(() => {
    if (mode === 'builder' && !parts) void load().then((p) => setParts(() => p));
  }, [mode, parts]);
  const parsed = useMemo(() => (mode === 'builder' ? parts?.parse(value) : undefined), [mode, parts, value]);
  const query = draft?.text === value ? draft.query : parsed?.query;
  const problem = parsed?.problem;

  const change = (next: VisualQuery): void => {
    if (!parts) return;
    const text = parts.print(next);
    setDraft({ text, query: next });
    if (text !== value) onChange(text);
  };
  const format = async (): Promise<void> => {
    setBusy(true);
    try {
      const { formatPromQL } = await import('./format');
      const text = await formatPromQL(source, value);
      if (text !== value) onChange(text);
    } catch (error) {
      toast(`The query could not be laid out: ${wordsOf(error)}`, 'error');
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="query-editor">
      <div className="query-tools">
        {lead}
        <div className="segmented" role="group" aria-label={`Edit ${field.label} with`}>
          <button type="button" aria-pressed={mode === 'builder'} onClick={() => onMode('builder')}><TextCursorInput {...icon} />Builder</button>
          <button type="button" aria-pressed={mode === 'code'} onClick={() => onMode('code')}><Braces {...icon} />Code</button>
        </div>
        {mode === 'code' && <button type="button" className="button quiet" disabled={busy || value.trim() === ''} title="Lay out the query as Prometheus prints it" onClick={() => void format()}><WandSparkles {...icon} />Format</button>}
        {tools}
      </div>
      {mode === 'builder' && query && <Suspense fallback={null}><Builder source={source} query={query} onChange={change} /></Suspense>}
      {mode === 'builder' && problem !== undefined && !query && <p className="query-note" role="note">{problem} It stays code.</p>}
      {(mode === 'code' || (problem !== undefined && !query)) && <PromQLField {...field} />}
    </div>
  );
}
