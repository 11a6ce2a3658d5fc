/** The audit log: who changed what, newest first. Only the rows in sight are drawn. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { auditPage, listAudit, type AuditFilter } from '../../api/server';
import { auditCsv, eachOnce } from '../../model/audit';
import { formatTime } from '../../model/time/format';
import { SelectField, TextField } from '../../ui/form';
import { useSettled } from '../../ui/settled';
import { download } from '../parts/download';

const rowPx = 33;
const actions = [['', 'All'], ['create', 'Create'], ['update', 'Update'], ['delete', 'Delete'], ['login', 'Login']] as const;
const spans = [['0', 'Ever'], ['3600000', 'Last hour'], ['86400000', 'Last day'], ['604800000', 'Last week'], ['2592000000', 'Last 30 days']] as const;

export function AuditPage() {
  const [actor, setActor] = useState('');
  const [action, setAction] = useState('');
  const [kind, setKind] = useState('');
  const [span, setSpan] = useState({ text: '0', from: 0 });
  const filter: AuditFilter = { actor: useSettled(actor), action, kind: useSettled(kind), from: span.from, to: 0 };
  const query = useInfiniteQuery({
    queryKey: ['audit', filter], initialPageParam: 1, staleTime: 0,
    queryFn: ({ pageParam, signal }) => listAudit(filter, pageParam, signal),
    getNextPageParam: (last, all) => (last.entries.length < auditPage ? undefined : all.length + 1),
  });
  const entries = useMemo(() => eachOnce(query.data?.pages.flatMap((p) => p.entries) ?? []), [query.data]);
  const box = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoized by a compiler
  const rows = useVirtualizer({ count: entries.length, getScrollElement: () => box.current, estimateSize: () => rowPx, overscan: 10 });
  return (
    <>
      <div className="filter-bar">
        <TextField label="Who" value={actor} onChange={setActor} placeholder="Login" />
        <SelectField label="Did" value={action} choices={actions} onChange={setAction} />
        <TextField label="Kind" value={kind} onChange={setKind} placeholder="dashboard, team, token" />
        <SelectField label="When" value={span.text} choices={spans} onChange={(text) => setSpan({ text, from: text === '0' ? 0 : Date.now() - Number(text) })} />
        <button type="button" className="button" onClick={() => void query.refetch()}>Refresh</button>
        <button type="button" className="button" disabled={entries.length === 0} onClick={() => download('audit.csv', auditCsv(entries), 'text/csv')}>CSV</button>
      </div>
      {query.error && <p className="banner bad" role="alert">{query.error.message}</p>}
      <section className="card audit-scroll" ref={box} tabIndex={0} aria-label="Audit log">
        <div className="audit-row head" aria-hidden><span>Time</span><span>Who</span><span>Did</span><span>Kind</span><span>To</span><span>Outcome</span></div>
        <ol className="audit-list" ref={(el) => { if (el) el.style.height = `${rows.getTotalSize()}px`; }}>
          {rows.getVirtualItems().map((item) => {
            const e = entries[item.index];
            return e && (
              <li key={e.id} className="audit-row" ref={(el) => { if (el) el.style.transform = `translateY(${item.start}px)`; }}>
                <span className="num">{formatTime(e.time, 'browser')}</span><span title={e.address}>{e.user || 'Somebody'}</span><span title={e.action}>{e.action}</span><span title={e.kind}>{e.kind}</span><span title={e.resource}><code>{e.resource}</code></span><span className={e.outcome === 'done' ? 'state-word good' : 'state-word bad'}>{e.outcome}</span>
              </li>
            );
          })}
        </ol>
        {!query.isPending && entries.length === 0 && <p className="quiet block">Nothing fits. Changes are written here as they happen.</p>}
      </section>
      <p className="quiet grant-form">{entries.length} entries loaded. {query.hasNextPage && <button type="button" className="button" onClick={() => void query.fetchNextPage()}>Load older ones</button>}</p>
    </>
  );
}
