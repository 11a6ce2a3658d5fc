/** The query page: an expression, its answer as a table or as a graph. The address holds what is shown, under the reference's names. */
import { ask, el, Refused, seconds, seriesName, table, type Labels } from './dom';

interface Sample { metric: Labels; value?: [number, string]; values?: [number, string][]; histogram?: unknown; histograms?: unknown[] }
interface Result { resultType: 'vector' | 'matrix' | 'scalar' | 'string'; result: Sample[] | [number, string] }

const ranges: Record<string, number> = { '5m': 300, '15m': 900, '1h': 3600, '6h': 21600, '1d': 86400, '1w': 604800 };
/** Rows and lines that a page still shows well. */
const rowsMax = 5000;
const linesMax = 100;

export function queryPage(): HTMLElement {
  const params = new URLSearchParams(location.search);
  const input = el('textarea', { id: 'expr', rows: '2', spellcheck: 'false', 'aria-label': 'Expression', placeholder: 'Expression, as: sum by (job) (up)' });
  input.value = params.get('g0.expr') ?? '';
  const range = el('select', { 'aria-label': 'Range' }, ...Object.keys(ranges).map((name) => el('option', { value: name }, name)));
  range.value = params.get('g0.range_input') ?? '1h';
  if (range.value === '') range.value = '1h';
  let isGraph = params.get('g0.tab') === '0';
  const answer = el('section', { id: 'answer', 'aria-live': 'polite' });
  const tabs = [el('button', { type: 'button' }, 'Table'), el('button', { type: 'button' }, 'Graph')] as const;
  const run = el('button', { type: 'submit', class: 'primary' }, 'Execute');
  const form = el('form', { class: 'query' }, input, el('div', { class: 'bar' }, ...tabs, range, run));
  let turn = 0;

  async function show(): Promise<void> {
    tabs.forEach((tab, i) => tab.setAttribute('aria-pressed', String((i === 1) === isGraph)));
    const expr = input.value.trim();
    if (expr === '') return;
    const search = new URLSearchParams({ 'g0.expr': expr, 'g0.tab': isGraph ? '0' : '1', 'g0.range_input': range.value });
    history.replaceState(null, '', `/query?${search}`);
    turn += 1;
    const own = turn;
    const began = performance.now();
    let content: Node[];
    try {
      const { found, warnings } = isGraph ? await graph(expr, ranges[range.value] ?? 3600) : await instant(expr);
      content = [el('p', { class: 'quiet' }, `${Math.round(performance.now() - began)} ms`), ...warnings.map((w) => el('p', { class: 'warning' }, w)), found];
    } catch (error) {
      content = [el('p', { class: 'error', role: 'alert' }, error instanceof Refused ? error.message : 'The server cannot be reached.')];
    }
    if (own === turn) answer.replaceChildren(...content);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void show();
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void show();
    }
  });
  tabs.forEach((tab, i) => tab.addEventListener('click', () => {
    isGraph = i === 1;
    void show();
  }));
  range.addEventListener('change', () => void show());
  void show();
  return el('div', {}, form, answer);
}

async function instant(expr: string): Promise<{ found: HTMLElement; warnings: string[] }> {
  const { data, warnings } = await ask<Result>('query', { query: expr });
  if (data.resultType === 'scalar' || data.resultType === 'string') {
    return { found: table(['Value'], [[String((data.result as [number, string])[1])]]), warnings };
  }
  const all = data.result as Sample[];
  const text = (s: Sample): string => s.value?.[1] ?? (s.values ? s.values.map(([t, v]) => `${v} @${t}`).join('\n') : JSON.stringify(s.histogram ?? s.histograms ?? null));
  const rows = all.slice(0, rowsMax).map((s) => [seriesName(s.metric), text(s)]);
  const note = all.length > rowsMax ? `The first ${rowsMax} of ${all.length} results.` : `${all.length} results.`;
  return { found: table(['Element', 'Value'], rows, note), warnings };
}

async function graph(expr: string, width: number): Promise<{ found: HTMLElement; warnings: string[] }> {
  const end = Math.floor(Date.now() / 1000);
  const step = Math.max(1, Math.ceil(width / 250));
  const { data, warnings } = await ask<Result>('query_range', { query: expr, start: String(end - width), end: String(end), step: String(step) });
  const all = (data.result as Sample[]).filter((s) => s.values);
  const lines = all.slice(0, linesMax).map((s) => ({ name: seriesName(s.metric), points: (s.values ?? []).map(([t, v]) => ({ t, v: Number(v) })).filter((p) => Number.isFinite(p.v)) }));
  return { found: draw(lines, end - width, end, step, all.length), warnings };
}

interface Line { name: string; points: { t: number; v: number }[] }

function draw(lines: readonly Line[], start: number, end: number, step: number, total: number): HTMLElement {
  const values = lines.flatMap((line) => line.points.map((p) => p.v));
  if (values.length === 0) return el('p', { class: 'quiet' }, 'No data in this range.');
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (low === high) {
    low -= 1;
    high += 1;
  }
  const [w, h] = [1000, 320];
  const x = (t: number): string => (((t - start) / (end - start)) * w).toFixed(1);
  const y = (v: number): string => (h - ((v - low) / (high - low)) * h).toFixed(1);
  const image = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  image.setAttribute('viewBox', `0 0 ${w} ${h}`);
  image.setAttribute('preserveAspectRatio', 'none');
  image.setAttribute('role', 'img');
  image.setAttribute('aria-label', `${lines.length} lines between ${low} and ${high}`);
  const legend = el('ul', { class: 'legend' });
  lines.forEach((line, i) => {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    const parts = line.points.map((p, n) => {
      const before = line.points[n - 1];
      return `${before === undefined || p.t - before.t > step * 1.5 ? 'M' : 'L'}${x(p.t)} ${y(p.v)}`;
    });
    path.setAttribute('d', parts.join(''));
    path.setAttribute('class', `line c${i % 8}`);
    image.append(path);
    legend.append(el('li', { class: `c${i % 8}` }, line.name));
  });
  const scale = el('div', { class: 'scale' }, el('span', {}, high.toPrecision(4)), el('span', {}, low.toPrecision(4)));
  const times = el('div', { class: 'times' }, el('span', {}, seconds(start)), el('span', {}, seconds(end)));
  const note = total > lines.length ? [el('p', { class: 'quiet' }, `The first ${lines.length} of ${total} series.`)] : [];
  return el('figure', {}, scale, el('div', { class: 'plot' }, image), times, ...note, legend);
}
