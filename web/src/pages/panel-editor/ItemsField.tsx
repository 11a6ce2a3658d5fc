/** A list of things with a form for each: layers of a map, columns to sort by, arcs of a node. */
/* oxlint-disable react/no-array-index-key -- the things have no identity but their place */
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { applyPatch, at } from '../../model/dashboard/edit/patch';
import { list, object } from '../../model/json';
import type { ItemForm, OptionSpec } from '../../panels/schema';
import { Control } from './controls';
import { dotted } from './usePanelDraft';

const icon = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;

interface ItemsFieldProps {
  label: string;
  value: unknown;
  form: ItemForm;
  fields: readonly string[];
  onChange: (value: unknown) => void;
}

export function ItemsField({ label, value, form, fields, onChange }: ItemsFieldProps) {
  const items = list(value).map(object);
  const move = (from: number, to: number): void => {
    const next = [...items];
    next.splice(to, 0, ...next.splice(from, 1));
    onChange(next);
  };
  return (
    <div className="list-field" role="group" aria-label={label}>
      {items.map((item, i) => {
        const title = form.title(item);
        const get = (path: string): unknown => at(item, dotted(path)) ?? form.specs.find((s) => s.path === path)?.initial;
        const set = (spec: OptionSpec, to: unknown): void => {
          const path = dotted(spec.path);
          const { value: next } = applyPatch(item, [to === undefined ? { op: 'remove', path } : { op: 'set', path, value: to }]);
          onChange(items.map((x, j) => (j === i ? object(next) : x)));
        };
        return (
          <div key={i} className="list-card" role="group" aria-label={`${form.one} ${i + 1}: ${title}`}>
            <div className="list-row">
              <strong className="list-grow">{title}</strong>
              <button type="button" className="icon-button small" aria-label={`Move ${title} up`} disabled={i === 0} onClick={() => move(i, i - 1)}><ArrowUp {...icon} /></button>
              <button type="button" className="icon-button small" aria-label={`Move ${title} down`} disabled={i === items.length - 1} onClick={() => move(i, i + 1)}><ArrowDown {...icon} /></button>
              <button type="button" className="icon-button small" aria-label={`Remove ${title}`} onClick={() => onChange(items.filter((_, j) => j !== i))}><X {...icon} /></button>
            </div>
            {form.specs.filter((spec) => spec.when?.(get) !== false).map((spec) => (
              <div key={spec.path} className={spec.kind === 'json' ? 'option wide' : 'option'}>
                <span className="option-name">{spec.label}{spec.help !== undefined && <span className="option-help">{spec.help}</span>}</span>
                <div className="option-value"><Control spec={spec} value={at(item, dotted(spec.path))} fields={fields} onChange={(to) => set(spec, to)} /></div>
              </div>
            ))}
          </div>
        );
      })}
      <button type="button" className="button quiet" onClick={() => onChange([...items, form.fresh])}><Plus {...icon} />{form.one}</button>
    </div>
  );
}
