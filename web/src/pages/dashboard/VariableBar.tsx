/** The variables of the dashboard as chips: a list to choose from, or a field to type in. */
import { Suspense } from 'react';
import { ChevronDown, CircleAlert } from 'lucide-react';
import type { Variable } from '../../model/dashboard/types';
import { allMarker } from '../../model/variables/state';
import { lazyPart } from '../../ui/boundary';
import { CommitInput } from '../../ui/commit';
import { Popover } from '../../ui/popover';
import { AnnotationBar } from './AnnotationBar';
import type { DashboardState } from './useDashboard';
import { VariableList } from './VariableList';

const supported = new Set(['query', 'custom', 'constant', 'interval', 'textbox', 'datasource', 'adhoc', 'groupby']);
export const isSupported = (variable: Variable): boolean => supported.has(variable.type);

/** Names and values to filter by come with their own code: few dashboards have such a variable. */
const AdhocFilters = lazyPart(() => import('./AdhocFilters'));

function TextVariable({ variable, value, onSet }: { variable: Variable; value: string; onSet: (values: string[]) => void }) {
  return (
    <div className="variable">
      {variable.hide !== 1 && <label htmlFor={`var-${variable.name}`}>{variable.label || variable.name}</label>}
      <CommitInput id={`var-${variable.name}`} aria-label={variable.label || variable.name} value={value} onCommit={(text) => onSet([text])} />
    </div>
  );
}

export function VariableBar({ state }: { state: DashboardState }) {
  const { variables, address, doc } = state;
  const shown = doc.view.variables.filter((v) => v.hide !== 2 && v.type !== 'constant' && isSupported(v));
  if (shown.length === 0 && state.annotations.switches.every((s) => s.query.hide)) return null;
  const set = (name: string, values: string[]): void => address.change({ variables: { ...address.url.variables, [name]: values } });
  return (
    <div className="variables" role="group" aria-label="Variables">
      {shown.map((v) => {
        const value = variables?.values[v.name];
        const label = v.label || v.name;
        const problem = variables?.problems[v.name];
        if (v.type === 'textbox') return value ? <TextVariable key={v.name} variable={v} value={value.values[0] ?? ''} onSet={(values) => set(v.name, values)} /> : null;
        if (v.type === 'adhoc') return <Suspense key={v.name} fallback={null}><AdhocFilters variable={v} state={state} onSet={(values) => set(v.name, values)} /></Suspense>;
        const text = !value ? '…' : value.isAll ? 'All' : value.texts.length > 2 ? `${value.texts.slice(0, 2).join(', ')} +${value.texts.length - 2}` : value.texts.join(', ') || 'None';
        return (
          <div key={v.name} className="variable">
            {v.hide !== 1 && <span className="variable-label">{label}</span>}
            <Popover
              label={`${label}: ${text}`} triggerClass="button" className="variable-popover"
              title={problem ?? (value?.isAll ? 'All' : value?.texts.slice(0, 20).join(', '))}
              trigger={<>{problem !== undefined && <CircleAlert size={14} strokeWidth={1.75} className="note-problem" aria-hidden />}<span className="variable-value">{text}</span><ChevronDown size={14} strokeWidth={1.75} aria-hidden /></>}
            >
              {(close) => (
                <VariableList
                  variable={v} options={variables?.options[v.name] ?? []} chosen={value?.isAll ? [allMarker] : (value?.values ?? [])} problem={problem}
                  truncated={variables?.truncated[v.name] ?? false}
                  onSet={(values) => set(v.name, values)} close={close}
                />
              )}
            </Popover>
          </div>
        );
      })}
      <AnnotationBar state={state} />
    </div>
  );
}
