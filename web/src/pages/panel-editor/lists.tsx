/** Editors of lists in the field config: thresholds, value mappings, links. */
/* oxlint-disable react/no-array-index-key -- the entries have no identity but their place */
import { Plus, X } from 'lucide-react';
import { flag, isObject, list, number, object, text } from '../../model/json';
import { safeUrl } from '../../model/links';
import { ColorField } from './ColorField';
import { NumberField } from './controls';

const icon = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;
interface ListProps {
  value: unknown;
  onChange: (value: unknown) => void;
}
const replace = <T,>(all: readonly T[], i: number, to: T): T[] => all.map((x, j) => (j === i ? to : x));
const Remove = ({ label, onClick }: { label: string; onClick: () => void }) => <button type="button" className="icon-button small" aria-label={label} onClick={onClick}><X {...icon} /></button>;

export function ThresholdsField({ value, onChange }: ListProps) {
  const o = object(value);
  const mode = o['mode'] === 'percentage' ? 'percentage' : 'absolute';
  const steps = list(o['steps']).map(object);
  const shown = steps.length > 0 ? steps : [{ color: 'green', value: null }];
  const put = (next: Record<string, unknown>[], m = mode): void => onChange({ ...o, mode: m, steps: next });
  // The base stays first; the others in the order of their values.
  const sorted = (next: Record<string, unknown>[]): Record<string, unknown>[] => [...next.slice(0, 1), ...next.slice(1).sort((a, b) => (number(a['value']) ?? 0) - (number(b['value']) ?? 0))];
  const add = (): void => {
    const last = number(shown[shown.length - 1]?.['value']) ?? 0;
    put([...shown, { color: ['yellow', 'orange', 'red'][Math.min(2, shown.length - 1)] ?? 'red', value: shown.length === 1 ? 80 : last + 10 }]);
  };
  return (
    <div className="list-field">
      <div className="segmented" role="group" aria-label="Thresholds are">
        {(['absolute', 'percentage'] as const).map((m) => <button key={m} type="button" aria-pressed={mode === m} onClick={() => put(shown, m)}>{m === 'absolute' ? 'Values' : 'Percent of the range'}</button>)}
      </div>
      {shown.map((s, i) => (
        <div key={i} className="list-row">
          <ColorField label={i === 0 ? 'Colour of the base' : `Colour from ${text(s['value'])}`} value={text(s['color'], 'green')} onChange={(color) => put(replace(shown, i, { ...s, color }))} />
          {i === 0 ? <span className="quiet list-grow">Base</span> : (
            <span className="list-grow" onBlur={() => { if (sorted(shown).some((x, j) => x !== shown[j])) put(sorted(shown)); }}><NumberField label={`Threshold ${i}`} value={number(s['value'])} placeholder="0" onChange={(v) => put(replace(shown, i, { ...s, value: v ?? 0 }))} /></span>
          )}
          {i > 0 && <Remove label={`Remove the threshold ${text(s['value'])}`} onClick={() => put(shown.filter((_, j) => j !== i))} />}
        </div>
      ))}
      <button type="button" className="button quiet" onClick={add}><Plus {...icon} />Threshold</button>
    </div>
  );
}

interface MappingRow {
  type: 'value' | 'range' | 'regex' | 'special';
  key: string;
  from?: unknown;
  to?: unknown;
  result: Record<string, unknown>;
}
function toRows(value: unknown): MappingRow[] {
  return list(value).map(object).flatMap((m): MappingRow[] => {
    const options = object(m['options']);
    if (m['type'] === 'range') return [{ type: 'range', key: '', from: options['from'], to: options['to'], result: object(options['result']) }];
    if (m['type'] === 'regex') return [{ type: 'regex', key: text(options['pattern']), result: object(options['result']) }];
    if (m['type'] === 'special') return [{ type: 'special', key: text(options['match']), result: object(options['result']) }];
    return Object.entries(options).filter(([, r]) => isObject(r)).map(([key, r]) => ({ type: 'value', key, result: object(r) }));
  });
}
function fromRows(rows: readonly MappingRow[]): unknown[] {
  const out: { type: string; options: Record<string, unknown> }[] = [];
  rows.forEach((r, index) => {
    const result = { ...r.result, index };
    if (r.type === 'value') {
      const last = out[out.length - 1];
      if (last?.type === 'value' && !(r.key in last.options)) last.options[r.key] = result;
      else out.push({ type: 'value', options: { [r.key]: result } });
    } else if (r.type === 'range') out.push({ type: 'range', options: { from: r.from ?? null, to: r.to ?? null, result } });
    else if (r.type === 'regex') out.push({ type: 'regex', options: { pattern: r.key, result } });
    else out.push({ type: 'special', options: { match: r.key || 'null', result } });
  });
  return out;
}
const specials = [['null', 'null'], ['nan', 'not a number'], ['null+nan', 'null or not a number'], ['true', 'true'], ['false', 'false'], ['empty', 'empty text']] as const;

export function MappingsField({ value, onChange }: ListProps) {
  const rows = toRows(value);
  const put = (next: MappingRow[]): void => onChange(fromRows(next));
  const set = (i: number, part: Partial<MappingRow>): void => put(rows.map((r, j) => (j === i ? { ...r, ...part } : r)));
  return (
    <div className="list-field">
      {rows.map((r, i) => (
        <div key={i} className="list-card" role="group" aria-label={`Mapping ${i + 1}`}>
          <div className="list-row">
            <select className="select" aria-label="Kind of mapping" value={r.type} onChange={(e) => set(i, { type: e.target.value as MappingRow['type'] })}>
              <option value="value">Value</option><option value="range">Range</option><option value="regex">Pattern</option><option value="special">Special</option>
            </select>
            {r.type === 'range' ? (
              <>
                <NumberField label="From" value={number(r.from)} placeholder="from" onChange={(from) => set(i, { from: from ?? null })} />
                <NumberField label="To" value={number(r.to)} placeholder="to" onChange={(to) => set(i, { to: to ?? null })} />
              </>
            ) : r.type === 'special' ? (
              <select className="select list-grow" aria-label="Special value" value={r.key || 'null'} onChange={(e) => set(i, { key: e.target.value })}>{specials.map(([v, n]) => <option key={v} value={v}>{n}</option>)}</select>
            ) : <input className="input list-grow" aria-label={r.type === 'regex' ? 'Pattern' : 'Value'} placeholder={r.type === 'regex' ? '/^ok (.*)$/' : '1'} value={r.key} onChange={(e) => set(i, { key: e.target.value })} />}
            <Remove label={`Remove mapping ${i + 1}`} onClick={() => put(rows.filter((_, j) => j !== i))} />
          </div>
          <div className="list-row">
            <input className="input list-grow" aria-label="Text to show" placeholder="Text to show" value={text(r.result['text'])} onChange={(e) => set(i, { result: { ...r.result, text: e.target.value } })} />
            <ColorField label="Colour" value={text(r.result['color'])} onChange={(color) => set(i, { result: { ...r.result, color } })} />
          </div>
        </div>
      ))}
      <button type="button" className="button quiet" onClick={() => put([...rows, { type: 'value', key: String(rows.length), result: { text: '' } }])}><Plus {...icon} />Mapping</button>
    </div>
  );
}

export function LinksField({ value, onChange }: ListProps) {
  const links = list(value).map(object);
  return (
    <div className="list-field">
      {links.map((l, i) => (
        <div key={i} className="list-card" role="group" aria-label={`Link ${i + 1}`}>
          <div className="list-row">
            <input className="input list-grow" aria-label="Title" placeholder="Title" value={text(l['title'])} onChange={(e) => onChange(replace(links, i, { ...l, title: e.target.value }))} />
            <Remove label={`Remove link ${i + 1}`} onClick={() => onChange(links.filter((_, j) => j !== i))} />
          </div>
          <input className="input" aria-label="Address" placeholder="https://… or /d/… with ${__value.text}" value={text(l['url'])} onChange={(e) => onChange(replace(links, i, { ...l, url: e.target.value }))} />
          {text(l['url']) !== '' && !text(l['url']).trim().startsWith('$') && safeUrl(text(l['url'])) === undefined && <p className="field-error">Only http, https, mailto and addresses of this site become links.</p>}
          <label className="check"><input type="checkbox" checked={flag(l['targetBlank'])} onChange={(e) => onChange(replace(links, i, { ...l, targetBlank: e.target.checked }))} />In a new tab</label>
        </div>
      ))}
      <button type="button" className="button quiet" onClick={() => onChange([...links, { title: '', url: '' }])}><Plus {...icon} />Link</button>
    </div>
  );
}
