/** The dashboards that fit, as rows or as cards with a small picture each; the arrow keys walk among them. */
import { LayoutDashboard, Star } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { Link } from 'wouter';
import type { DashboardHit } from '../../api/dashboards';
import { formatAgo, formatTime } from '../../model/time/format';
import { Thumbnail } from './Thumbnail';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
/** A pointer that only passes by asks for nothing. */
const hoverMs = 350;

export interface ItemsProps {
  shown: readonly DashboardHit[];
  cards: boolean;
  tag: string;
  chosen: ReadonlySet<string>;
  canChoose: boolean;
  viewed: Readonly<Record<string, number>>;
  now: number;
  onTag: (tag: string) => void;
  onStar: (d: DashboardHit) => void;
  onChoose: (d: DashboardHit) => void;
}

/** `Ops · changed 3 days ago by admin · seen 2 h ago` */
function About({ d, viewed, now }: { d: DashboardHit; viewed: number | undefined; now: number }) {
  const changed = d.updated === undefined ? Number.NaN : Date.parse(d.updated);
  const by = d.updatedBy === undefined || d.updatedBy === '' ? '' : ` by ${d.updatedBy}`;
  return (
    <span className="dash-folder">
      {d.folderTitle ?? 'No folder'}
      {Number.isFinite(changed) && <span title={`${formatTime(changed, 'browser')}${d.createdBy ? `, made by ${d.createdBy}` : ''}`}> · changed {formatAgo(changed, now)}{by}</span>}
      {viewed !== undefined && <span title={formatTime(viewed, 'browser')}> · seen {formatAgo(viewed, now)}</span>}
    </span>
  );
}

function Item({ d, cards, tag, chosen, canChoose, viewed, now, onTag, onStar, onChoose, onPoint }: Omit<ItemsProps, 'shown' | 'chosen' | 'viewed'> & { d: DashboardHit; chosen: boolean; viewed: number | undefined; onPoint: (uid: string | undefined, at?: HTMLElement) => void }) {
  const tick = canChoose && <input type="checkbox" className="dash-tick" checked={chosen} aria-label={`Choose ${d.title}`} onChange={() => onChoose(d)} />;
  return (
    <li className={cards ? 'dash-card' : 'dash-row'} onPointerEnter={(e) => !cards && e.pointerType === 'mouse' && onPoint(d.uid, e.currentTarget)} onPointerLeave={() => onPoint(undefined)}>
      {cards ? <Link to={d.url} className="dash-picture" tabIndex={-1} aria-hidden><Thumbnail uid={d.uid} /></Link> : (tick || <LayoutDashboard {...icon} />)}
      {cards && tick}
      <div className="dash-name">
        <Link to={d.url} className="dash-title" title={d.title}>{d.title}</Link>
        <About d={d} viewed={viewed} now={now} />
      </div>
      <div className="dash-tags">
        {d.tags.map((t) => <button key={t} type="button" className={t === tag ? 'chip on' : 'chip'} aria-pressed={t === tag} onClick={() => onTag(t === tag ? '' : t)}>{t}</button>)}
      </div>
      <button type="button" className={d.isStarred ? 'icon-button small starred' : 'icon-button small'} aria-pressed={d.isStarred} aria-label={d.isStarred ? `Remove the star from ${d.title}` : `Star ${d.title}`} onClick={() => onStar(d)}>
        <Star {...icon} fill={d.isStarred ? 'currentColor' : 'none'} />
      </button>
    </li>
  );
}

/** Where an arrow key leads among so many items in so many columns; undefined for other keys. */
export function step(key: string, at: number, count: number, columns: number): number | undefined {
  const by = { ArrowDown: columns, ArrowUp: -columns, ArrowRight: columns > 1 ? 1 : undefined, ArrowLeft: columns > 1 ? -1 : undefined }[key];
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  return by === undefined ? undefined : at + by < 0 || at + by >= count ? at : at + by;
}

export function DashboardItems(p: ItemsProps) {
  const { shown, cards } = p;
  const list = useRef<HTMLUListElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [hovered, setHovered] = useState<{ uid: string; top: number; left: number }>();
  useEffect(() => () => clearTimeout(timer.current), []);
  const point = (uid: string | undefined, at?: HTMLElement): void => {
    clearTimeout(timer.current);
    setHovered(undefined);
    if (uid === undefined || !at) return;
    timer.current = setTimeout(() => {
      const box = at.getBoundingClientRect();
      const below = box.bottom + 190 < innerHeight;
      setHovered({ uid, top: below ? box.bottom + 2 : box.top - 188, left: Math.min(box.left + 40, innerWidth - 300) });
    }, hoverMs);
  };
  const onKeyDown = (e: KeyboardEvent): void => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>('.dash-title') ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    if (at < 0 || e.ctrlKey || e.metaKey || e.altKey) return;
    const first = links[0]?.closest('li')?.offsetTop;
    const columns = cards ? links.filter((l) => l.closest('li')?.offsetTop === first).length : 1;
    const to = step(e.key, at, links.length, columns);
    const d = shown[at];
    if (to !== undefined) links[to]?.focus();
    else if (e.key === 's' && d) p.onStar(d);
    else if (e.key === ' ' && d && p.canChoose) p.onChoose(d);
    else return;
    e.preventDefault();
  };
  return (
    <>
      <ul ref={list} className={cards ? 'dash-cards' : 'card'} onKeyDown={onKeyDown}>
        {shown.map((d) => <Item key={d.uid} d={d} cards={cards} tag={p.tag} chosen={p.chosen.has(d.uid)} canChoose={p.canChoose} viewed={p.viewed[d.uid]} now={p.now} onTag={p.onTag} onStar={p.onStar} onChoose={p.onChoose} onPoint={point} />)}
      </ul>
      {hovered && <div className="dash-hover" style={{ top: hovered.top, left: hovered.left }} aria-hidden><Thumbnail key={hovered.uid} uid={hovered.uid} now /></div>}
    </>
  );
}
