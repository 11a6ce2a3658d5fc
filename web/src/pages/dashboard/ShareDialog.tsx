/** Sharing the dashboard or one panel: a link, a snapshot with its data, the JSON as a file. */
import { useMutation } from '@tanstack/react-query';
import { Copy, Download, ExternalLink } from 'lucide-react';
import { useMemo, useState } from 'react';
import './share.css';
import { boot } from '../../api/boot';
import { makeSnapshot, shorten } from '../../api/sharing';
import { exportForSharing, exportPlain, isClassic } from '../../model/dashboard/export';
import type { Section } from '../../model/dashboard/layout';
import { sharePath, type ShareChoice } from '../../model/dashboard/share';
import { snapshotOf } from '../../model/dashboard/snapshot';
import { interpolate } from '../../model/variables/interpolate';
import { Dialog } from '../../ui/dialog';
import { copyText, download, fileName } from '../parts/download';
import type { DashboardState } from './useDashboard';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
type Tab = 'link' | 'snapshot' | 'export';

interface Props {
  state: DashboardState;
  sections: readonly Section[];
  panel?: { key: string; title: string } | undefined;
  onClose: () => void;
}

function Check({ label, on, set }: { label: string; on: boolean; set: (on: boolean) => void }) {
  return <label className="check"><input type="checkbox" checked={on} onChange={(e) => set(e.target.checked)} />{label}</label>;
}

function LinkLine({ label, value }: { label: string; value: string }) {
  return (
    <div className="share-line">
      <input className="input" readOnly aria-label={label} value={value} onFocus={(e) => e.target.select()} />
      <button type="button" className="button" onClick={() => void copyText(value, 'The link is copied.')}><Copy {...icon} />Copy</button>
    </div>
  );
}

function LinkTab({ state, panel }: Pick<Props, 'state' | 'panel'>) {
  const [choice, setChoice] = useState<ShareChoice>({ lockTime: true, variables: true });
  const [solo, setSolo] = useState(false);
  const { meta } = state.doc;
  const path = sharePath(meta, state.address.url, state.raw, state.range, choice, panel?.key, solo && panel !== undefined);
  const short = useMutation({ mutationFn: () => shorten(path) });
  const change = (part: Partial<ShareChoice>): void => {
    setChoice({ ...choice, ...part });
    short.reset();
  };
  return (
    <>
      <div>
        <Check label="Keep the moments that are shown now" on={choice.lockTime} set={(lockTime) => change({ lockTime })} />
        <Check label="With the values of the variables" on={choice.variables} set={(variables) => change({ variables })} />
        {panel && <Check label="The panel alone, without anything around it" on={solo} set={(on) => { setSolo(on); short.reset(); }} />}
      </div>
      <LinkLine label="Link" value={short.data ?? location.origin + path} />
      {short.error && <p className="field-error" role="alert">The link could not be shortened: {short.error.message}</p>}
      <div className="share-line">
        <button type="button" className="button" disabled={short.isPending || short.data !== undefined} onClick={() => short.mutate()}>Shorten</button>
        <a className="button" href={path} target="_blank" rel="noopener noreferrer"><ExternalLink {...icon} />Open in a new tab</a>
      </div>
    </>
  );
}

const lifetimes: readonly { label: string; seconds: number }[] = [{ label: '1 hour', seconds: 3600 }, { label: '1 day', seconds: 86_400 }, { label: '7 days', seconds: 604_800 }, { label: 'Never', seconds: 0 }];

function SnapshotTab({ state, sections }: Pick<Props, 'state' | 'sections'>) {
  const [name, setName] = useState(state.doc.view.title);
  const [expires, setExpires] = useState(604_800);
  const make = useMutation({
    mutationFn: async () => {
      // Panels that were never in sight have asked nothing yet.
      await state.runner.complete();
      const ids = new Set(sections.flatMap((s) => s.panels.map((p) => p.panel.id)));
      const marks = [...new Map([...ids].flatMap((id) => state.annotations.of(id)).map((m) => [m.key, m])).values()];
      return makeSnapshot(name.trim() || state.doc.view.title, snapshotOf({
        view: state.doc.view, sections, range: state.range, zone: state.zone, frames: (key) => state.runner.data(key).frames, marks, now: Date.now(), url: location.href,
        fill: (text, placed) => interpolate(text, { ...state.context, scoped: placed.scoped }),
      }), expires);
    },
  });
  return (
    <>
      <p className="quiet">A snapshot keeps what the panels show now, without their queries. Whoever has its link can see it, without signing in.</p>
      <div><label htmlFor="snapshot-name">Name</label><input id="snapshot-name" className="input" value={name} onChange={(e) => setName(e.target.value)} /></div>
      <div>
        <label htmlFor="snapshot-life">Gone after</label>
        <select id="snapshot-life" className="select" value={expires} onChange={(e) => setExpires(Number(e.target.value))}>{lifetimes.map((l) => <option key={l.seconds} value={l.seconds}>{l.label}</option>)}</select>
      </div>
      {make.data && <LinkLine label="Link to the snapshot" value={make.data.url} />}
      {make.error && <p className="field-error" role="alert">The snapshot could not be made: {make.error.message}</p>}
      <div className="dialog-foot"><button type="button" className="button primary" disabled={make.isPending} onClick={() => make.mutate()}>{make.isPending ? 'Collecting data…' : 'Make a snapshot'}</button></div>
    </>
  );
}

function ExportTab({ state }: Pick<Props, 'state'>) {
  const { raw, view } = state.doc;
  const classic = isClassic(raw);
  const [outside, setOutside] = useState(false);
  const text = useMemo(() => JSON.stringify(outside ? exportForSharing(raw, state.sources ?? [], boot.settings.version) : exportPlain(raw), null, 2), [outside, raw, state.sources]);
  return (
    <>
      {classic && <Check label="For another server: data sources and constants are asked for when it is imported" on={outside} set={setOutside} />}
      <pre className="share-code" tabIndex={0} aria-label="JSON of the dashboard">{text}</pre>
      <div className="dialog-foot">
        <button type="button" className="button" onClick={() => void copyText(text, 'The JSON is copied.')}><Copy {...icon} />Copy</button>
        <button type="button" className="button primary" onClick={() => download(`${fileName(view.title, 'dashboard')}-${Date.now()}.json`, text, 'application/json')}><Download {...icon} />Download</button>
      </div>
    </>
  );
}

export function ShareDialog({ state, sections, panel, onClose }: Props) {
  const [tab, setTab] = useState<Tab>('link');
  const tabs: [Tab, string][] = [['link', 'Link'], ...(panel ? [] : [['snapshot', 'Snapshot'], ['export', 'Export']] as [Tab, string][])];
  return (
    <Dialog title={panel ? `Share panel: ${panel.title || 'without a title'}` : 'Share dashboard'} onClose={onClose}>
      <div className="share">
        {tabs.length > 1 && <div className="segmented" role="group" aria-label="How to share">{tabs.map(([id, label]) => <button key={id} type="button" aria-pressed={tab === id} onClick={() => setTab(id)}>{label}</button>)}</div>}
        {tab === 'link' && <LinkTab state={state} panel={panel} />}
        {tab === 'snapshot' && <SnapshotTab state={state} sections={sections} />}
        {tab === 'export' && <ExportTab state={state} />}
      </div>
    </Dialog>
  );
}
