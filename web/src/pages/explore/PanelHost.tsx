/** One panel's drawing on a page that is no dashboard: measured, mounted, read out, walked by the arrow keys. */
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { Panel } from '../../model/dashboard/types';
import { countPoints, type Frame } from '../../model/frame';
import type { RawRange, TimeRange } from '../../model/time/range';
import { zoomOut } from '../../model/time/range';
import { pluginFor } from '../../panels/registry';
import type { PanelInput } from '../../panels/types';
import type { CursorBus } from '../../query/cursor';
import { Boundary } from '../../ui/boundary';
import { useTheme } from '../../ui/theme';
import { Broken } from '../dashboard/PanelState';
import { preparePanel } from '../dashboard/prepare';
import { usePanelView } from '../dashboard/usePanelView';
import './panelhost.css';

interface PanelHostProps {
  panel: Panel;
  frames: readonly Frame[];
  range: TimeRange;
  zone: string;
  cursor: CursorBus;
  onRange: (raw: RawRange) => void;
  label: string;
  className: string;
}
const plainText = (text: string): string => text;

/** The drawing; when its own code throws, a sentence stands in its place. */
export function PanelHost(props: PanelHostProps) {
  return (
    <Boundary subject={props.frames} fallback={(error, retry) => <section className={props.className} aria-label={props.label}><Broken failure={{ kind: 'draw', error }} retry={retry} /></section>}>
      <Drawing {...props} />
    </Boundary>
  );
}

function Drawing({ panel, frames, range, zone, cursor, onRange, label, className }: PanelHostProps) {
  const host = useRef<HTMLDivElement>(null);
  const theme = useTheme((s) => s.theme);
  const plugin = pluginFor(panel.type);
  const [size, setSize] = useState<{ width: number; height: number }>();
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const measure = new ResizeObserver(() => {
      const next = { width: element.clientWidth, height: element.clientHeight };
      setSize((before) => (before?.width === next.width && before.height === next.height ? before : next));
    });
    measure.observe(element);
    return () => measure.disconnect();
  }, []);
  const prepared = useMemo(() => preparePanel(panel, frames, { theme, zone, wantsRange: plugin.wantsRange, colorMode: plugin.colorMode, interpolate: plainText }), [panel, frames, theme, zone, plugin]);
  const input = useMemo((): PanelInput | undefined => (size && frames.length > 0 ? { frames: prepared.frames, options: panel.options, size, theme, zone, range, interpolate: plainText } : undefined), [size, frames, prepared, panel, theme, zone, range]);
  const { walk, failure, retry } = usePanelView(host, plugin, input, {
    cursor,
    onRange: (from, to) => onRange({ from: String(Math.round(from)), to: String(Math.round(to)) }),
    onZoomOut: () => onRange(zoomOut(range)),
  });
  const onKeyDown = (e: KeyboardEvent<HTMLElement>): void => {
    if (e.target !== e.currentTarget || e.ctrlKey || e.metaKey || e.altKey) return;
    const step = e.shiftKey ? 10 : 1;
    const move = ({ ArrowLeft: [-step, 0], ArrowRight: [step, 0], '[': [0, -1], ']': [0, 1] } as Record<string, [number, number]>)[e.key];
    const words = move && walk(move[0], move[1]);
    if (words === undefined) return;
    e.preventDefault();
    setSpoken(words);
  };
  return (
    <section className={className} tabIndex={0} aria-label={label} data-points={countPoints(frames)} onKeyDown={onKeyDown}>
      <div ref={host} className="panel-drawing" role="group" />
      {failure && <div className="panel-cover"><Broken failure={failure} retry={retry} /></div>}
      <span className="visually-hidden" aria-live="polite">{spoken}</span>
    </section>
  );
}
