/** The values a variable has as it is being edited, and what "All" and a choice of several put into a query. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Variable, VariableOption } from '../../model/dashboard/types';
import { interpolate, type InterpolationContext } from '../../model/variables/interpolate';
import { localOptions } from '../../model/variables/options';
import { stateBase } from '../../model/variables/state';
import { loadOptions, optionsRequest } from '../../query/variables';
import { useSettled } from '../../ui/settled';
import type { DashboardState } from '../dashboard/useDashboard';

const shownMax = 200;
const textMax = 160;

const cut = (text: string): string => (text.length > textMax ? `${text.slice(0, textMax)}…` : text);

/** What a choice of options, or all of them, puts into PromQL. */
function written(variable: Variable, chosen: readonly VariableOption[], isAll: boolean, context: InterpolationContext): string {
  const state = { ...stateBase(variable), values: chosen.map((o) => o.value), texts: chosen.map((o) => o.text), isAll };
  return interpolate(`\${${variable.name}}`, { ...context, variables: { ...context.variables, [variable.name]: state } }, 'prometheus');
}

export function VariablePreview({ variable, state }: { variable: Variable; state: DashboardState }) {
  const sources = state.sources ?? [];
  const local = localOptions(variable, sources);
  const { query } = variable;
  const asks = local === undefined && query.trim() !== '';
  // The range as it was chosen: one that ends now is another at every refresh, and no reason to ask again.
  const wanted = JSON.stringify({ ...optionsRequest(variable, state.context, sources), range: state.raw });
  const settled = useSettled(wanted);
  const asked = useQuery({
    queryKey: ['variable-preview', settled],
    queryFn: ({ signal }) => loadOptions(variable, state.context, sources, signal),
    enabled: asks && settled === wanted, placeholderData: keepPreviousData, staleTime: 30_000, retry: false,
  });
  const busy = asks && (settled !== wanted || asked.isFetching);
  const options = local ?? (query.trim() === '' ? [] : (asked.data?.options ?? []));
  const hasAll = variable.includeAll && options.length > 0;
  return (
    <section className="preview" aria-label="Values" aria-busy={busy}>
      <h3>Values <span className="quiet num">{options.length.toLocaleString('en')}{asked.data?.truncated && !local ? ' and more' : ''}</span></h3>
      {asked.error && !local && <p className="field-error" role="alert">{asked.error.message}</p>}
      {!asked.error && options.length === 0 && <p className="quiet">{busy ? 'Asking…' : query.trim() === '' && !local ? 'The query is not complete yet.' : 'There are none.'}</p>}
      <div className="preview-list">
        {options.slice(0, shownMax).map((o) => <span key={o.value} className="chip" title={o.value}>{o.text || '(empty)'}{o.text !== o.value && <span className="quiet"> = {o.value || '(empty)'}</span>}</span>)}
        {options.length > shownMax && <span className="quiet">… and {(options.length - shownMax).toLocaleString('en')} more</span>}
      </div>
      {hasAll && <p className="quiet">“All” puts <code>{cut(written(variable, options, true, state.context))}</code> into a PromQL query: compare it with <code>=~</code>.</p>}
      {variable.multi && options.length > 1 && <p className="quiet">Two of them put <code>{cut(written(variable, options.slice(0, 2), false, state.context))}</code>.</p>}
    </section>
  );
}
