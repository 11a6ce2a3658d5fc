/** The builder's operations, from the inside out: parameters, grouping, order. */
import { ArrowDown, ArrowUp, Info, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { fuzzyFilter } from '../../../model/fuzzy';
import { Combobox, type Suggestion } from '../../../ui/combobox';
import { Popover } from '../../../ui/popover';
import { describeFunction } from '../words';
import { newStep, operation, operations, type Operation, type Param } from './operations';
import { suggestLabels } from './suggest';
import type { Step, VisualQuery } from './types';

const icon = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;
const ranges = ['$__rate_interval', '$__interval', '1m', '5m', '10m', '30m', '1h', '1d'];

function ParamField({ param, value, onChange }: { param: Param; value: string; onChange: (value: string) => void }) {
  const wide = param.kind === 'text' ? '' : 'short';
  return (
    <label className="builder-param">
      <span>{param.name}{param.optional ? ' (optional)' : ''}</span>
      {param.kind === 'range'
        ? <Combobox className="range" label={param.name} value={value} suggest={(text): Suggestion[] => ranges.filter((r) => r.includes(text)).map((r) => ({ value: r }))} onChange={onChange} />
        : <input className={`input ${wide}`} value={value} spellCheck={false} autoCapitalize="off" onChange={(e) => onChange(e.target.value)} />}
    </label>
  );
}

function Grouping({ source, query, step, onChange }: { source: string; query: VisualQuery; step: Step; onChange: (grouping: Step['grouping']) => void }) {
  const g = step.grouping ?? { by: true, labels: [] };
  return (
    <div className="builder-grouping">
      <select className="select" aria-label="By or without" value={g.by ? 'by' : 'without'} onChange={(e) => onChange({ ...g, by: e.target.value === 'by' })}>
        <option value="by">by</option>
        <option value="without">without</option>
      </select>
      {g.labels.map((l) => <button key={l} type="button" className="chip on" aria-label={`Remove the label ${l}`} onClick={() => onChange({ ...g, labels: g.labels.filter((x) => x !== l) })}>{l} ×</button>)}
      <Combobox
        className="label" label="Add a label" placeholder="+ label" value="" clears suggest={async (text) => (await suggestLabels(source, query, -1, text)).filter((s) => !g.labels.includes(s.value))}
        onChange={(label) => label.trim() !== '' && !g.labels.includes(label) && onChange({ ...g, labels: [...g.labels, label.trim()] })}
      />
    </div>
  );
}

function AddStep({ onAdd }: { onAdd: (o: Operation) => void }) {
  const [search, setSearch] = useState('');
  const fitting = fuzzyFilter(operations, search, (o) => `${o.id} ${o.group}`);
  const groups = [...new Set(fitting.map((o) => o.group))];
  return (
    <Popover label="Add an operation" triggerClass="button quiet builder-add" trigger={<><Plus {...icon} />Operation</>} className="builder-menu" onOpen={() => setSearch('')}>
      {(close) => (
        <>
          <input className="input" type="search" data-autofocus aria-label="Search operations" placeholder="Search operations" value={search} onChange={(e) => setSearch(e.target.value)} />
          <div className="builder-menu-list">
            {groups.map((group) => (
              <section key={group} aria-label={group}>
                <h3>{group}</h3>
                {fitting.filter((o) => o.group === group).map((o) => (
                  <button key={o.id} type="button" className="menu-item" title={describeFunction(o.id)} onClick={() => { onAdd(o); close(); }}><code>{o.id}</code><span className="quiet">{describeFunction(o.id)}</span></button>
                ))}
              </section>
            ))}
            {fitting.length === 0 && <p className="quiet builder-none">No operation of this name.</p>}
          </div>
        </>
      )}
    </Popover>
  );
}

export function Steps({ source, query, onChange }: { source: string; query: VisualQuery; onChange: (steps: Step[]) => void }) {
  const { steps } = query;
  const set = (index: number, part: Partial<Step>): void => onChange(steps.map((s, i) => (i === index ? { ...s, ...part } : s)));
  const move = (index: number, by: 1 | -1): void => {
    const next = [...steps];
    const [taken] = next.splice(index, 1);
    if (taken) next.splice(index + by, 0, taken);
    onChange(next);
  };
  return (
    <div className="builder-steps">
      {steps.map((step, i) => {
        const o = operation(step.id);
        if (!o) return null;
        const about = describeFunction(step.id);
        return (
          // oxlint-disable-next-line react/no-array-index-key -- a step is its place in the list
          <div key={`${step.id}-${i}`} className="builder-step" role="group" aria-label={`Operation ${i + 1}: ${step.id}`}>
            <div className="builder-step-head">
              <code>{o.kind === 'operator' || o.kind === 'comparison' ? `${step.id} number` : step.id}</code>
              {about !== undefined && <Popover label={`About ${step.id}`} title={about} triggerClass="icon-button small" trigger={<Info {...icon} />} className="note">{() => <p>{about}.</p>}</Popover>}
              <span className="builder-space" />
              <button type="button" className="icon-button small" aria-label={`Move ${step.id} up`} disabled={i === 0} onClick={() => move(i, -1)}><ArrowUp {...icon} /></button>
              <button type="button" className="icon-button small" aria-label={`Move ${step.id} down`} disabled={i === steps.length - 1} onClick={() => move(i, 1)}><ArrowDown {...icon} /></button>
              <button type="button" className="icon-button small" aria-label={`Remove ${step.id}`} onClick={() => onChange(steps.filter((_, j) => j !== i))}><X {...icon} /></button>
            </div>
            {o.params.map((p, n) => <ParamField key={p.name} param={p} value={step.params[n] ?? p.initial} onChange={(value) => set(i, { params: o.params.map((q, m) => (m === n ? value : (step.params[m] ?? q.initial))) })} />)}
            {o.kind === 'aggregation' && <Grouping source={source} query={query} step={step} onChange={(grouping) => set(i, { grouping })} />}
          </div>
        );
      })}
      <AddStep onAdd={(o) => onChange([...steps, newStep(o)])} />
    </div>
  );
}
