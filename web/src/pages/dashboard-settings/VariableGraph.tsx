/** Who needs whom among the variables: those that need nothing at the left, each edge an arrow to who uses it. */
import type { Variable } from '../../model/dashboard/types';
import { dependencies, loadLevels } from '../../model/variables/graph';

const box = { w: 150, h: 34, gapX: 60, gapY: 12 };
const shownMax = 100;

export function VariableGraph({ variables, usedBy }: { variables: readonly Variable[]; usedBy: (name: string) => number }) {
  const levels = loadLevels(variables.slice(0, shownMax));
  const places = new Map(levels.flatMap((level, x) => level.map((v, y): [string, { x: number; y: number }] => [v.name, { x: x * (box.w + box.gapX), y: y * (box.h + box.gapY) }])));
  const edges = variables.flatMap((v) => [...dependencies(v)].flatMap((d) => {
    const a = places.get(d);
    const b = places.get(v.name);
    return a && b ? [{ key: `${d}-${v.name}`, a, b }] : [];
  }));
  if (edges.length === 0) return <p className="quiet">No variable needs another: all are loaded at once.</p>;
  const width = levels.length * (box.w + box.gapX) - box.gapX + 2;
  const height = Math.max(...levels.map((l) => l.length)) * (box.h + box.gapY);
  return (
    <figure className="variable-graph">
      <figcaption>Who needs whom. Columns are loaded one after the other, each at once.</figcaption>
      <div tabIndex={0} role="region" aria-label="Graph of the variables">
        <svg width={width} height={height} role="img" aria-label={edges.map((e) => e.key.replace('-', ' is needed by ')).join('; ')}>
          {edges.map(({ key, a, b }) => {
            const [x1, y1, x2, y2] = [a.x + box.w, a.y + box.h / 2, b.x, b.y + box.h / 2];
            return <path key={key} d={`M${x1} ${y1} C${x1 + 30} ${y1} ${x2 - 30} ${y2} ${x2 - 4} ${y2}`} fill="none" stroke="var(--accent)" strokeWidth="1.5" />;
          })}
          {[...places].map(([name, p]) => (
            <g key={name} transform={`translate(${p.x + 1} ${p.y + 1})`}>
              <rect width={box.w - 2} height={box.h - 2} rx="8" fill="var(--panel)" stroke="var(--control-line)" />
              <text x="10" y="21" fill="var(--text-1)">{name.length > 15 ? `${name.slice(0, 14)}…` : name}</text>
              <text x={box.w - 12} y="21" textAnchor="end" fill="var(--text-2)">{usedBy(name)}</text>
            </g>
          ))}
        </svg>
      </div>
    </figure>
  );
}
