/** What differs between two states of a dashboard: by panel, then variables and settings; each change in one line. */
import type { Change, Diff } from '../../api/dashboard-edit';

const shownMax = 40;
const words = { added: 'added', removed: 'removed', changed: 'changed', moved: 'moved' } as const;

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text === undefined || text === '') return 'nothing';
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

function Line({ change, prefix }: { change: Change; prefix: string }) {
  const path = change.path.startsWith(prefix) ? change.path.slice(prefix.length).replace(/^\./, '') : change.path;
  return (
    <li>
      <code>{path || change.path}</code> <span className={`diff-${change.change}`}>{words[change.change]}</span>
      {change.change === 'changed' && <span className="diff-values"><del>{short(change.old)}</del> <ins>{short(change.new)}</ins></span>}
      {change.change === 'added' && <span className="diff-values"><ins>{short(change.new)}</ins></span>}
    </li>
  );
}

function Lines({ changes, prefix = '' }: { changes: readonly Change[]; prefix?: string }) {
  return (
    <ul className="diff-lines">
      {changes.slice(0, shownMax).map((c) => <Line key={c.path + c.change} change={c} prefix={prefix} />)}
      {changes.length > shownMax && <li className="quiet">… and {changes.length - shownMax} more</li>}
    </ul>
  );
}

export function ChangeList({ diff }: { diff: Diff }) {
  const { panels } = diff.summary;
  const inPanels = new Set(panels.flatMap((p) => p.changes.map((c) => c.path)));
  const rest = diff.changes.filter((c) => !inPanels.has(c.path) && !/^panels\b/.test(c.path));
  if (diff.changes.length === 0) return <p className="quiet">There is no difference.</p>;
  return (
    <div className="diff">
      {panels.map((p) => (
        <details key={`${p.id}-${p.change}`} open={panels.length <= 4}>
          <summary><span className={`diff-mark diff-${p.change}`}>{words[p.change]}</span> Panel “{p.title || 'without a title'}”{p.change === 'changed' ? ` · ${p.changes.length} ${p.changes.length === 1 ? 'change' : 'changes'}` : ''}</summary>
          {p.change === 'changed' && <Lines changes={p.changes} prefix={`panels[id=${p.id}]`} />}
        </details>
      ))}
      {rest.length > 0 && <details open><summary>Variables and settings · {rest.length}</summary><Lines changes={rest} /></details>}
    </div>
  );
}
