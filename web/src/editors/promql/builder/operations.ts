/** The operations the builder offers: their parameters, where their argument stands, and how they are grouped. */

export interface Param {
  name: string;
  kind: 'range' | 'number' | 'text';
  initial: string;
  /** May be left out. */
  optional?: boolean;
  /** The last parameter may be given several times, separated by commas. */
  many?: boolean;
}
type OperationKind = 'range' | 'aggregation' | 'function' | 'operator' | 'comparison';
export interface Operation {
  id: string;
  kind: OperationKind;
  group: string;
  params: Param[];
  /** How many of the parameters (the range not counted) stand before the argument. */
  before: number;
}

const range: Param = { name: 'Range', kind: 'range', initial: '$__rate_interval' };
const num = (name: string, initial: string, optional = false): Param => ({ name, kind: 'number', initial, ...(optional ? { optional } : {}) });
const str = (name: string, initial = '', many = false): Param => ({ name, kind: 'text', initial, ...(many ? { many } : {}) });

const list: Operation[] = [];
const add = (kind: OperationKind, group: string, ids: string, params: Param[] = [], before = 0): void => {
  for (const id of ids.split(' ')) list.push({ id, kind, group, params: kind === 'range' ? [range, ...params] : params, before });
};

add('range', 'Over a range', 'rate increase irate delta idelta deriv changes resets');
add('range', 'Over a range', 'avg_over_time min_over_time max_over_time sum_over_time count_over_time last_over_time first_over_time present_over_time absent_over_time stddev_over_time stdvar_over_time mad_over_time');
add('range', 'Over a range', 'quantile_over_time', [num('Quantile', '0.95')], 1);
add('range', 'Over a range', 'integral', [num('Rule: 0 left, 1 right, 2 trapezoids', '2', true)]);
add('range', 'Over a range', 'predict_linear', [num('Seconds from now', '3600')]);
add('range', 'Over a range', 'double_exponential_smoothing', [num('Smoothing', '0.5'), num('Trend', '0.5')]);
add('aggregation', 'Aggregations', 'sum avg max min count stddev stdvar group');
add('aggregation', 'Aggregations', 'topk bottomk', [num('How many', '5')], 1);
add('aggregation', 'Aggregations', 'quantile', [num('Quantile', '0.95')], 1);
add('aggregation', 'Aggregations', 'count_values', [str('Label for the value', 'value')], 1);
add('aggregation', 'Aggregations', 'limitk', [num('How many', '5')], 1);
add('aggregation', 'Aggregations', 'limit_ratio', [num('Share', '0.1')], 1);
add('function', 'Histograms', 'histogram_quantile', [num('Quantile', '0.95')], 1);
add('function', 'Histograms', 'histogram_fraction', [num('From', '0'), num('To', '1')], 2);
add('function', 'Histograms', 'histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar');
add('operator', 'Arithmetic with a number', '+ - * / % ^', [num('Number', '1')]);
add('comparison', 'Comparison with a number', '> >= < <= == !=', [num('Number', '0')]);
add('function', 'Functions', 'abs ceil floor sqrt exp ln log2 log10 sgn absent scalar timestamp sort sort_desc');
add('function', 'Functions', 'round', [num('To the nearest', '1', true)]);
add('function', 'Functions', 'clamp', [num('Least', '0'), num('Most', '100')]);
add('function', 'Functions', 'clamp_min', [num('Least', '0')]);
add('function', 'Functions', 'clamp_max', [num('Most', '100')]);
add('function', 'Functions', 'label_replace', [str('New label'), str('Replacement', '$1'), str('Source label'), str('Pattern', '(.*)')]);
add('function', 'Functions', 'label_join', [str('New label'), str('Separator', '-'), str('Source labels', '', true)]);
add('function', 'Functions', 'sort_by_label sort_by_label_desc', [str('Labels', '', true)]);
add('function', 'Time', 'minute hour day_of_week day_of_month day_of_year days_in_month month year');
add('function', 'Trigonometry', 'sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh deg rad');

export const operations: readonly Operation[] = list;
const byId = new Map(list.map((o) => [o.id, o]));
export const operation = (id: string): Operation | undefined => byId.get(id);
export const newStep = (o: Operation): { id: string; params: string[]; grouping?: { by: boolean; labels: string[] } } => ({
  id: o.id, params: o.params.map((p) => p.initial), ...(o.kind === 'aggregation' && o.id !== 'topk' && o.id !== 'bottomk' ? { grouping: { by: true, labels: [] } } : {}),
});
