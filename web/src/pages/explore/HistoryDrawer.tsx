/** What this person asked before: search, star, note, run again, delete. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { MessageSquareText, Play, Star, Trash2, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { commentQuery, forgetQuery, historyPage, searchHistory, starQuery, type HistoryEntry, type HistorySearch } from '../../api/history';
import type { DataSource } from '../../api/datasources';
import { historyTexts } from '../../model/history';
import { formatAgo, formatTimeZoned } from '../../model/time/format';
import { useSettled } from '../../ui/settled';
import { toast } from '../../ui/toast';

const icon = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;
const start: HistorySearch = { text: '', starred: false, source: '', oldestFirst: false, page: 1 };

function Entry({ entry, sources, now, zone, onRun, onChange }: { entry: HistoryEntry; sources: readonly DataSource[]; now: number; zone: string; onRun: (entry: HistoryEntry) => void; onChange: (what: () => Promise<unknown>) => void }) {
  const [noting, setNoting] = useState(false);
  const texts = historyTexts(entry.queries);
  const source = sources.find((s) => s.uid === entry.datasourceUid)?.name ?? entry.datasourceUid;
  const at = entry.createdAt * 1000;
  return (
    <li className="history-entry">
      <div className="history-head">
        <span className="quiet num" title={formatTimeZoned(at, zone)}>{source} · {formatAgo(at, now)}</span>
        <span className="explore-space" />
        <button type="button" className="icon-button small" aria-label="Run this query" title="Run in the first pane" onClick={() => onRun(entry)}><Play {...icon} /></button>
        <button type="button" className={entry.starred ? 'icon-button small starred' : 'icon-button small'} aria-pressed={entry.starred} aria-label={entry.starred ? 'Remove the star' : 'Star this query'} onClick={() => onChange(() => starQuery(entry.uid, !entry.starred))}><Star {...icon} fill={entry.starred ? 'currentColor' : 'none'} /></button>
        <button type="button" className="icon-button small" aria-label={entry.comment === '' ? 'Add a note' : 'Change the note'} aria-expanded={noting} onClick={() => setNoting(!noting)}><MessageSquareText {...icon} /></button>
        <button type="button" className="icon-button small" aria-label="Delete from the history" onClick={() => onChange(() => forgetQuery(entry.uid))}><Trash2 {...icon} /></button>
      </div>
      {/* oxlint-disable-next-line react/no-array-index-key -- the texts of one entry never move */}
      {texts.map((t, i) => <code key={i} className="history-text">{t}</code>)}
      {entry.comment !== '' && !noting && <p className="history-note">{entry.comment}</p>}
      {noting && (
        <form
          className="history-form"
          onSubmit={(e) => {
            e.preventDefault();
            const note = new FormData(e.currentTarget).get('note');
            setNoting(false);
            onChange(() => commentQuery(entry.uid, typeof note === 'string' ? note : ''));
          }}
        >
          <input name="note" className="input" aria-label="Note" defaultValue={entry.comment} maxLength={180} autoFocus />
          <button type="submit" className="button primary">Save</button>
        </form>
      )}
    </li>
  );
}

export function HistoryDrawer({ sources, zone, asked, onRun, onClose }: { sources: readonly DataSource[]; zone: string; asked: number; onRun: (entry: HistoryEntry) => void; onClose: () => void }) {
  const [search, setSearch] = useState(start);
  const client = useQueryClient();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const text = useSettled(search.text);
  const wanted = { ...search, text };
  const { data, error, isPending } = useQuery({ queryKey: ['query-history', wanted, asked], queryFn: ({ signal }) => searchHistory(wanted, signal), placeholderData: keepPreviousData });
  const change = useMutation({
    mutationFn: (what: () => Promise<unknown>) => what(),
    onError: (problem) => toast(`The history could not be changed: ${problem.message}`, 'error'),
    onSettled: () => client.invalidateQueries({ queryKey: ['query-history'] }),
  });
  const [now] = useState(() => Date.now());
  const set = (part: Partial<HistorySearch>): void => setSearch((s) => ({ ...s, page: 1, ...part }));
  const entries = data?.entries ?? [];
  const pages = Math.max(1, Math.ceil((data?.total ?? 0) / historyPage));
  // Deleting may leave fewer pages than the one that is open.
  if (data && search.page > pages) setSearch((s) => ({ ...s, page: pages }));
  const turn = (by: 1 | -1): void => setSearch((s) => ({ ...s, page: Math.min(pages, Math.max(1, s.page + by)) }));
  const [back, on] = search.oldestFirst ? ['Older', 'Newer'] : ['Newer', 'Older'];
  return (
    <aside className="explore-history" aria-label="Query history" onKeyDown={(e) => e.key === 'Escape' && onClose()}>
      <div className="history-top">
        <h2>Query history</h2>
        <button type="button" className="icon-button" aria-label="Close the history" onClick={onClose}><X size={16} strokeWidth={1.75} aria-hidden /></button>
      </div>
      <input ref={field} className="input" type="search" placeholder="Search queries and notes" aria-label="Search the history" value={search.text} onChange={(e) => set({ text: e.target.value })} />
      <div className="history-filters">
        <button type="button" className={search.starred ? 'chip on' : 'chip'} aria-pressed={search.starred} onClick={() => set({ starred: !search.starred })}>Starred</button>
        <select className="select small" aria-label="Source" value={search.source} onChange={(e) => set({ source: e.target.value })}><option value="">All sources</option>{sources.map((s) => <option key={s.uid} value={s.uid}>{s.name}</option>)}</select>
        <select className="select small" aria-label="Order" value={search.oldestFirst ? 'old' : 'new'} onChange={(e) => set({ oldestFirst: e.target.value === 'old' })}><option value="new">Newest first</option><option value="old">Oldest first</option></select>
      </div>
      {error && <p className="field-error" role="alert">{error.message}</p>}
      {!error && !isPending && entries.length === 0 && <p className="quiet history-empty">{search.text === '' && !search.starred && search.source === '' ? 'Queries that you run appear here. Nobody else sees them.' : 'No query fits.'}</p>}
      <ul tabIndex={entries.length > 0 ? 0 : undefined} aria-label="Queries">{entries.map((e) => <Entry key={e.uid} entry={e} sources={sources} now={now} zone={zone} onRun={onRun} onChange={change.mutate} />)}</ul>
      {(pages > 1 || search.page > 1) && (
        <div className="history-pages">
          <button type="button" className="button" disabled={search.page <= 1} onClick={() => turn(-1)}>{back}</button>
          <span className="quiet num">Page {search.page} of {pages}</span>
          <button type="button" className="button" disabled={search.page >= pages} onClick={() => turn(1)}>{on}</button>
        </div>
      )}
    </aside>
  );
}
