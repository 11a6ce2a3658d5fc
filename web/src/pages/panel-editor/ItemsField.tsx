/** A list of things with a form for each: layers of a map, columns to sort by, arcs of a node, series of an XY chart. */
/* oxlint-disable react/no-array-index-key -- the things have no identity but their place */
import { use } from 'react';
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { applyPatch, at } from '../../model/dashboard/edit/patch';
import { list, object } from '../../model/json';
import type { ItemForm, OptionSpec } from '../../panels/schema';
import { Control } from './controls';
import { Around } from './offer';
import { SpecRow } from './OptionRow';
import { dotted } from './usePanelDraft';

const icon = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;

interface ItemsFieldProps {
  label: string;
  value: unknown;
  form: ItemForm;
  fields: readonly string[];
  onChange: (value: unknown) => void;
}

/** The form of one thing; each option can be taken back to its default. */
function ItemOptions({ item, form, fields, onChange }: { item: Record<string, unknown>; form: ItemForm; fields: readonly string[]; onChange: (item: Record<string, unknown>) => void }) {
  const get = (path: string): unknown => at(item, dotted(path)) ?? form.specs.find((s) => s.path === path)?.initial;
  const set = (spec: OptionSpec, to: unknown): void => {
    const path = dotted(spec.path);
    onChange(object(applyPatch(item, [to === undefined ? { op: 'remove', path } : { op: 'set', path, value: to }]).value));
  };
  const around = use(Around);
  const rows = form.specs.filter((spec) => spec.when?.(get) !== false).map((spec) => {
    const value = at(item, dotted(spec.path));
    return (
      <SpecRow key={spec.path} spec={spec} value={value} onReset={() => set(spec, undefined)}>
        <Control spec={spec} value={value} fields={fields} onChange={(to) => set(spec, to)} />
      </SpecRow>
    );
  });
  return <Around value={[item, ...around]}>{rows}</Around>;
}

export function ItemsField({ label, value, form, fields, onChange }: ItemsFieldProps) {
  const items = list(value).map(object);
  const put = (i: number, item: Record<string, unknown>): void => onChange(items.map((x, j) => (j === i ? item : x)));
  const move = (from: number, to: number): void => {
    const next = [...items];
    next.splice(to, 0, ...next.splice(from, 1));
    onChange(next);
  };
  if (form.single) {
    return (
      <div role="group" aria-label={label}>
        <ItemOptions item={items[0] ?? form.fresh} form={form} fields={fields} onChange={(item) => onChange([item, ...items.slice(1)])} />
      </div>
    );
  }
  return (
    <div className="list-field" role="group" aria-label={label}>
      {items.map((item, i) => {
        const title = form.title(item);
        return (
          <div key={i} className="list-card" role="group" aria-label={`${form.one} ${i + 1}: ${title}`}>
            <div className="list-row">
              <strong className="list-grow">{title}</strong>
              <button type="button" className="icon-button small" aria-label={`Move ${title} up`} disabled={i === 0} onClick={() => move(i, i - 1)}><ArrowUp {...icon} /></button>
              <button type="button" className="icon-button small" aria-label={`Move ${title} down`} disabled={i === items.length - 1} onClick={() => move(i, i + 1)}><ArrowDown {...icon} /></button>
              <button type="button" className="icon-button small" aria-label={`Remove ${title}`} onClick={() => onChange(items.filter((_, j) => j !== i))}><X {...icon} /></button>
            </div>
            <ItemOptions item={item} form={form} fields={fields} onChange={(next) => put(i, next)} />
          </div>
        );
      })}
      <button type="button" className="button quiet" onClick={() => onChange([...items, form.fresh])}><Plus {...icon} />{form.one}</button>
    </div>
  );
}
