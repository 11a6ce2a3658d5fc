/** The dashboard's JSON as it will be saved: to read, to copy, to change. */
import { Copy } from 'lucide-react';
import { Suspense, useMemo } from 'react';
import { wordsOf } from '../../model/errors';
import { isObject, text } from '../../model/json';
import { lazyPart } from '../../ui/boundary';
import { toast } from '../../ui/toast';
import { setTyped } from '../dashboard-edit/draft';
import type { SettingsProps } from './SettingsPage';

const JsonEditor = lazyPart(() => import('../../editors/json/JsonEditor'));

/** What is wrong with a document that somebody typed; empty when it can be taken. */
function check(source: string): { value?: unknown; problem: string } {
  try {
    const value: unknown = JSON.parse(source);
    if (!isObject(value)) return { problem: 'A dashboard is an object: it begins with {.' };
    if (text(value['title']).trim() === '') return { problem: 'A dashboard needs a title.' };
    if (value['panels'] !== undefined && !Array.isArray(value['panels'])) return { problem: '“panels” is a list.' };
    return { value, problem: '' };
  } catch (error) {
    return { problem: `This is not JSON: ${wordsOf(error)}` };
  }
}

export default function JsonModel({ draft, apply }: SettingsProps) {
  const { uid } = draft.base.meta;
  const saved = useMemo(() => JSON.stringify(draft.history.raw, null, 2), [draft.history.raw]);
  // Kept with the draft: what is typed here outlives a look at another page.
  const typed = draft.typed ?? saved;
  const type = (next: string): void => setTyped(uid, next === saved ? undefined : next);
  const changed = typed !== saved;
  const { value, problem } = useMemo(() => (changed ? check(typed) : { value: undefined, problem: '' }), [typed, changed]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(typed);
      toast('The JSON is copied.');
    } catch {
      toast('The browser does not allow copying here: mark the text and copy it.', 'error');
    }
  };
  return (
    <div className="json-model">
      <div className="settings-head">
        <h2>JSON model</h2>
        <span className="spread" />
        <button type="button" className="button" onClick={() => void copy()}><Copy size={16} strokeWidth={1.75} aria-hidden />Copy</button>
        <button type="button" className="button" disabled={!changed} onClick={() => setTyped(uid, undefined)}>Undo typing</button>
        <button type="button" className="button primary" disabled={!changed || problem !== ''} onClick={() => { apply('Edit the JSON', [{ op: 'set', path: [], value }]); setTyped(uid, undefined); }}>Apply</button>
      </div>
      {problem !== '' && <p className="field-error" role="alert">{problem}</p>}
      <Suspense fallback={<pre className="inspect-json" tabIndex={0}>{typed}</pre>}><JsonEditor label="JSON of the dashboard" value={typed} onChange={type} /></Suspense>
    </div>
  );
}
