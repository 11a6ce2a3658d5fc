/** The generator of dashboards from metric names. */
import { describe, expect, it } from 'vitest';
// @ts-expect-error a script, without types
import { readMetrics, run } from '../../../scripts/new-dashboard.mjs';

interface Board {
  uid: string;
  templating: { list: { name: string; definition?: string }[] };
  panels: { title: string; description: string; gridPos: object; fieldConfig: { defaults: { unit: string } }; targets: { expr: string; legendFormat: string }[] }[];
}

const page = `# HELP shop_orders_total Orders taken.
# TYPE shop_orders_total counter
shop_orders_total{status="paid"} 4 1395066363000
# TYPE shop_duration_seconds histogram
shop_duration_seconds_bucket{le="1"} 2
shop_duration_seconds_sum 3
shop_duration_seconds_count 3
# TYPE shop_size_bytes summary
shop_size_bytes{quantile="0.9"} 3
shop_size_bytes_sum 3
shop_size_bytes_count 3
# TYPE shop_build_info gauge
shop_build_info{version="1"} 1
# TYPE shop_memory_bytes gauge
shop_memory_bytes 9
other_jobs 1
`;

const made = (args: string[], text: string): Board => JSON.parse(run(args, text)) as Board;

describe('a dashboard from metric names', () => {
  it('takes families of a page once, and a kind from the name alone', () => {
    const kinds = (text: string) => readMetrics(text).map((m: { name: string; type: string }) => `${m.name} ${m.type}`);
    expect(kinds(page)).toEqual(['shop_orders_total counter', 'shop_duration_seconds histogram', 'shop_size_bytes summary', 'shop_memory_bytes gauge', 'other_jobs gauge']);
    expect(kinds('a_total\nb_seconds_bucket\nb_seconds_sum\nb_seconds_count\nc_celsius\n\n')).toEqual(['a_total counter', 'b_seconds histogram', 'c_celsius gauge']);
  });

  it('asks each kind in its own way', () => {
    const board = made(['--title', 'The Shop!', '--labels', 'job', '--match', '^shop_'], page);
    expect(board.uid).toBe('the-shop');
    expect(board.templating.list.map((v) => v.definition ?? v.name)).toEqual(['datasource', 'label_values(shop_orders_total{}, job)']);
    const asked = board.panels.map((p) => [p.title, p.fieldConfig.defaults.unit, p.targets.map((t) => t.expr).at(-1)]);
    expect(asked).toEqual([
      ['Shop orders', 'ops', 'sum by (job) (rate(shop_orders_total{job=~"$job"}[$__rate_interval]))'],
      ['Shop duration seconds', 's', 'histogram_quantile(0.99, sum by (le) (rate(shop_duration_seconds_bucket{job=~"$job"}[$__rate_interval])))'],
      ['Shop size bytes', 'bytes', 'max by (quantile) (shop_size_bytes{job=~"$job"})'],
      ['Shop memory bytes', 'bytes', 'avg by (job) (shop_memory_bytes{job=~"$job"})'],
    ]);
    expect(board.panels[0]?.description).toBe('Orders taken.');
    expect(board.panels[3]?.gridPos).toEqual({ x: 0, y: 8, w: 8, h: 8 });
  });

  it('says what it cannot use', () => {
    expect(() => run(['--labels', 'job'], '')).toThrow('no metric');
    expect(() => run(['--colour', 'red'], 'up')).toThrow('--colour');
    expect(() => run([], Array.from({ length: 300 }, (_, i) => `m${i}`).join('\n'))).toThrow('300 metrics');
  });
});
