/** Annotation queries and links of a dashboard: lists of small forms. */
/* oxlint-disable react/no-array-index-key -- the entries have no identity but their place */
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Path } from '../../model/dashboard/edit/patch';
import { at } from '../../model/dashboard/edit/patch';
import { flag, list, object, text } from '../../model/json';
import { WordsInput } from '../../ui/commit';
import { drawsMarks } from '../../panels/kinds';
import { AnnotationForm } from './AnnotationForm';
import { Check } from './Check';
import type { SettingsProps } from './SettingsPage';
import '../panel-editor/editor.css';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
type Entry = Record<string, unknown>;
interface ListProps extends SettingsProps {
  path: Path;
  what: string;
  fresh: Entry;
  about: string;
  title: (e: Entry) => string;
  /** `set` changes one member, `put` several at once. */
  form: (e: Entry, set: (key: string, value: unknown) => void, put: (part: Entry) => void) => ReactNode;
  /** Entries that cannot be taken away. */
  fixed?: (e: Entry) => boolean;
}

function EntryList({ draft, apply, path, what, fresh, about, title, form, fixed }: ListProps) {
  const entries = list(at(draft.history.raw, path)).map(object);
  const put = (next: Entry[], label: string): void => apply(label, [{ op: 'set', path, value: next }]);
  const swap = (i: number, j: number): void => put(entries.map((e, k) => (k === i ? (entries[j] ?? e) : k === j ? (entries[i] ?? e) : e)), `Reorder: ${what}`);
  return (
    <>
      {entries.length === 0 && <p className="quiet">{about}</p>}
      <div className="entries">
        {entries.map((e, i) => (
          <div key={i} className="card entry">
            <details>
              <summary><span className="entry-title">{title(e)}</span></summary>
              <div className="form">
                {form(
                  e, (key, value) => apply(`Change “${title(e)}”`, [{ op: 'set', path: [...path, i, key], value }], `${path.join('.')}.${i}.${key}`),
                  (part) => apply(`Change “${title(e)}”`, Object.entries(part).map(([key, value]) => (value === undefined ? { op: 'remove', path: [...path, i, key] } : { op: 'set', path: [...path, i, key], value }))),
                )}
              </div>
            </details>
            <div className="entry-tools">
              <button type="button" className="icon-button small" aria-label={`Move ${title(e)} up`} disabled={i === 0} onClick={() => swap(i, i - 1)}><ArrowUp {...icon} /></button>
              <button type="button" className="icon-button small" aria-label={`Move ${title(e)} down`} disabled={i === entries.length - 1} onClick={() => swap(i, i + 1)}><ArrowDown {...icon} /></button>
              {!fixed?.(e) && <button type="button" className="icon-button small" aria-label={`Remove ${title(e)}`} onClick={() => put(entries.filter((_, j) => j !== i), `Remove “${title(e)}”`)}><Trash2 {...icon} /></button>}
            </div>
          </div>
        ))}
      </div>
      <button type="button" className="button" onClick={() => put([...entries, fresh], `Add: ${what}`)}><Plus {...icon} />{what}</button>
    </>
  );
}

export function Links(props: SettingsProps) {
  return (
    <>
      <h2>Links</h2>
      <EntryList
        {...props} path={['links']} what="Link" about="Links stand in the title row: an address, or all dashboards with certain tags." title={(l) => text(l['title']) || text(l['url']) || 'Link'}
        fresh={{ type: 'link', title: 'New link', url: '', tags: [], asDropdown: false, includeVars: false, keepTime: false, targetBlank: false, icon: 'external link', tooltip: '' }}
        form={(l, set) => (
          <>
            <label>Title<input className="input" value={text(l['title'])} onChange={(e) => set('title', e.target.value)} /></label>
            <label>Kind<select className="select" value={text(l['type'], 'link')} onChange={(e) => set('type', e.target.value)}><option value="link">Address</option><option value="dashboards">Dashboards with tags</option></select></label>
            {l['type'] === 'dashboards'
              ? <label>Tags <span className="quiet">(with commas between them)</span><WordsInput keeps value={list(l['tags']).map((t) => text(t))} onCommit={(tags) => set('tags', tags)} /></label>
              : <label>Address<input className="input" placeholder="https://… or /d/…" value={text(l['url'])} onChange={(e) => set('url', e.target.value)} /></label>}
            <label>Words when pointed at<input className="input" value={text(l['tooltip'])} onChange={(e) => set('tooltip', e.target.value)} /></label>
            <Check label="Carry the time range" on={flag(l['keepTime'])} set={(on) => set('keepTime', on)} />
            <Check label="Carry the variables" on={flag(l['includeVars'])} set={(on) => set('includeVars', on)} />
            <Check label="In a new tab" on={flag(l['targetBlank'])} set={(on) => set('targetBlank', on)} />
          </>
        )}
      />
    </>
  );
}

export function Annotations(props: SettingsProps) {
  const sources = props.state.sources ?? [];
  const panels = props.draft.view.panels.filter((p) => drawsMarks(p.type));
  const isBuiltIn = (a: Entry): boolean => a['builtIn'] === 1 || a['builtIn'] === true;
  return (
    <>
      <h2>Annotations</h2>
      <EntryList
        {...props} path={['annotations', 'list']} what="Annotation query" about="Annotations mark moments on every chart: releases, restarts, alerts." title={(a) => text(a['name']) || 'Annotations'} fixed={isBuiltIn}
        fresh={{ name: 'New annotation', enable: true, hide: false, iconColor: 'red', datasource: { type: 'prometheus', uid: sources.find((s) => s.isDefault)?.uid ?? '' }, expr: '', titleFormat: '', textFormat: '', tagKeys: '', step: '60s' }}
        form={(a, set, put) => <AnnotationForm entry={a} sources={sources} panels={panels} builtIn={isBuiltIn(a)} set={set} put={put} />}
      />
    </>
  );
}
