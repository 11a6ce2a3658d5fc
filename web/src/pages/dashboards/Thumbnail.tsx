/** A dashboard small, drawn from its layout: asked for when it comes into sight or is pointed at. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { getDashboard } from '../../api/dashboards';
import { columns, thumbnailOf, thumbnailText, type Box } from '../../model/dashboard/thumbnail';

/** Pixels of a column and of a grid line; a little air around each panel. */
const [cw, ch, gap] = [10, 6.5, 1.2];

/** A curve, bars, rows: what stands for the panel's content, in a box of its own size. */
function Content({ b }: { b: Box }): ReactNode {
  const [x, y, w, h] = [b.x * cw + gap, b.y * ch + gap, b.w * cw - 2 * gap, b.h * ch - 2 * gap];
  const [l, t, r, m] = [x + 4, y + 5, x + w - 4, y + h - 3];
  if (w < 12 || h < 8) return null;
  switch (b.sketch) {
    case 'lines': {
      const n = Math.max(3, Math.min(9, Math.round(w / 14)));
      // The same box has the same curve each time: a wave by its place.
      const at = (i: number, shift: number): string => `${(l + ((r - l) * i) / n).toFixed(1)} ${(m - (m - t) * (0.25 + 0.3 * (1 + Math.sin(b.x + b.y * 2 + i * 1.3 + shift)))).toFixed(1)}`;
      const line = (shift: number): string => `M${Array.from({ length: n + 1 }, (_, i) => at(i, shift)).join('L')}`;
      return <><path className="thumb-line" d={line(0)} /><path className="thumb-line second" d={line(2)} /></>;
    }
    case 'number': return <rect className="thumb-ink" x={x + w * 0.3} y={y + h * 0.35} width={w * 0.4} height={Math.max(3, h * 0.3)} rx={1.5} />;
    case 'gauge': {
      const radius = Math.min(w, h) * 0.32;
      return <path className="thumb-arc" d={`M${x + w / 2 - radius} ${y + h * 0.65}A${radius} ${radius} 0 0 1 ${x + w / 2 + radius} ${y + h * 0.65}`} />;
    }
    case 'bars': return <>{Array.from({ length: Math.max(3, Math.min(10, Math.floor((r - l) / 7))) }, (_, i) => <rect key={i} className="thumb-ink" x={l + i * 7} y={m - (m - t) * (0.3 + 0.35 * (1 + Math.sin(b.x + i)))} width={4.5} height={(m - t) * (0.3 + 0.35 * (1 + Math.sin(b.x + i)))} />)}</>;
    case 'rows': return <>{Array.from({ length: Math.max(1, Math.min(8, Math.floor((m - t) / 5))) }, (_, i) => <rect key={i} className="thumb-soft" x={l} y={t + i * 5} width={(r - l) * (0.55 + 0.4 * Math.abs(Math.sin(i * 2 + b.y)))} height={2} />)}</>;
    case 'words': return <>{Array.from({ length: Math.max(1, Math.min(4, Math.floor((m - t) / 5))) }, (_, i) => <rect key={i} className="thumb-soft" x={l} y={t + i * 5} width={(r - l) * (i % 2 === 0 ? 0.8 : 0.5)} height={1.6} />)}</>;
    case 'cells': return <>{Array.from({ length: Math.max(4, Math.min(12, Math.floor((r - l) / 8))) }, (_, i) => <rect key={i} className={i % 3 === 0 ? 'thumb-ink' : 'thumb-soft'} x={l + i * 8} y={t} width={7} height={Math.max(3, m - t)} />)}</>;
    case 'pie': return <circle className="thumb-arc" cx={x + w / 2} cy={y + h / 2} r={Math.min(w, h) * 0.26} />;
    case 'nodes': return <>{[0.25, 0.5, 0.75].map((p, i) => <circle key={p} className="thumb-ink" cx={x + w * p} cy={y + h * (i === 1 ? 0.35 : 0.65)} r={3} />)}</>;
    case 'map': return <ellipse className="thumb-soft" cx={x + w / 2} cy={y + h / 2} rx={w * 0.36} ry={h * 0.3} />;
    default: return null;
  }
}

/** True from the first time the element is near the window. */
function useSeen(now: boolean): { seen: boolean; ref: React.RefObject<HTMLDivElement | null> } {
  const ref = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(now);
  useEffect(() => {
    if (seen || !ref.current) return undefined;
    const watch = new IntersectionObserver((all) => { if (all.some((e) => e.isIntersecting)) setSeen(true); }, { rootMargin: '120px' });
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, [seen]);
  return { seen, ref };
}

export function Thumbnail({ uid, now = false }: { uid: string; now?: boolean }) {
  const { seen, ref } = useSeen(now);
  const { data, error } = useQuery({ queryKey: ['thumbnail', uid], queryFn: async ({ signal }) => { const { view } = await getDashboard(uid, signal); return { small: thumbnailOf(view.panels), words: thumbnailText(view.panels) }; }, enabled: seen, staleTime: 60_000, gcTime: 300_000, retry: false });
  return (
    <div className="thumb" ref={ref}>
      {error && <p className="quiet">No preview: {error.message}</p>}
      {data && (
        <svg viewBox={`0 0 ${columns * cw} ${Math.max(columns * cw * 0.66, data.small.height * ch)}`} preserveAspectRatio="xMidYMin slice" role="img" aria-label={data.words}>
          {data.small.boxes.map((b) => b.sketch === 'row'
            ? <rect key={`${b.x} ${b.y} row`} className="thumb-row" x={gap} y={b.y * ch + ch / 2} width={columns * cw - 2 * gap} height={1} />
            : <g key={`${b.x} ${b.y} ${b.w} ${b.title}`}><rect className="thumb-box" x={b.x * cw + gap} y={b.y * ch + gap} width={Math.max(1, b.w * cw - 2 * gap)} height={Math.max(1, b.h * ch - 2 * gap)} rx={2} /><Content b={b} /></g>)}
        </svg>
      )}
      {data?.small.boxes.length === 0 && <p className="quiet">It has no panels yet.</p>}
    </div>
  );
}
