/** Native histograms from the wire to cells, bars, lines and words. */
import { describe, expect, it } from 'vitest';
import { heatFromNatives, nativeBars, nativeRows, nativesFor, nativeText, type Natives } from '../../src/model/buckets/native';
import { plainPanel, instantTable, seriesLines } from '../../src/pages/explore/results';
import { preparePanel } from '../../src/pages/dashboard/prepare';
import { readHeat } from '../../src/panels/heatmap/cells';
import { toFrames } from '../../src/query/frames';

const wire = {
  kind: 'histograms' as const, time: { t0: 1000, step: 500, n: 4 },
  series: [
    { name: 'a', labels: { host: 'a' }, points: [[0, 4, 10, [1, 2, 1, 2, 4, 3]], [2, 2, null, [8, 16, 2]]] as never },
    { name: 'b', labels: { host: 'b' }, points: [[0, 1, 1.5, [1, 2, 1]], [3, 0, 0, []]] as never },
  ],
};
const frames = toFrames(wire, { refId: 'A', format: 'time_series', several: false });
const natives = (...buckets: number[][]): Natives => ({ times: buckets.map((_, i) => i), counts: buckets.map(() => 1), sums: buckets.map(() => 1), buckets, step: 1 });

describe('native histograms', () => {
  it('come as cells with what belongs to them', () => {
    expect(frames.map((f) => [f.name, f.length, f.natives?.times, f.natives?.counts, f.natives?.sums])).toEqual([['a', 3, [1000, 2000], [4, 2], [10, null]], ['b', 1, [1000, 2500], [1, 0], [1.5, 0]]]);
    expect(frames[0]?.fields.map((f) => [f.name, f.values])).toEqual([['xMax', [1000, 1000, 2000]], ['yMin', [1, 2, 8]], ['yMax', [2, 4, 16]], ['count', [1, 3, 2]]]);
  });

  it('add up in a heatmap, bucket by bucket', () => {
    const { heat } = readHeat(frames, {}, { from: 0, to: 4000 });
    expect(heat.rows.map((r) => [r.low, r.high])).toEqual([[1, 2], [2, 4], [4, 8], [8, 16]]);
    expect(heat.starts).toEqual([500, 1500, 2000]);
    expect(heat.counts).toEqual([[2, null, null], [3, null, null], [null, null, null], [null, 2, null]]);
  });

  const rows: [string, number[][], [number, number][]][] = [
    ['finer ones within coarser ones', [[1, 2, 1], [1, Math.SQRT2, 1, Math.SQRT2, 2, 1]], [[1, 2]]],
    ['a gap between powers', [[1, 2, 1, 8, 16, 1]], [[1, 2], [2, 4], [4, 8], [8, 16]]],
    ['a gap below zero', [[-16, -8, 1, -2, -1, 1]], [[-16, -8], [-8, -4], [-4, -2], [-2, -1]]],
    ['around zero', [[-2, -1, 1, -0.5, 0.5, 3, 1, 2, 1]], [[-2, -1], [-0.5, 0.5], [1, 2]]],
    ['bounds people chose', [[-Infinity, 0.1, 1, 0.1, 0.25, 2, 0.25, Infinity, 1]], [[-Infinity, 0.1], [0.1, 0.25], [0.25, Infinity]]],
    ['a zero bucket that grew', [[-0.5, 0.5, 1, 0.25, 0.5, 1, 0.5, 1, 1]], [[-0.5, 0.5], [0.5, 1]]],
    ['nothing', [[]], []],
  ];
  it.each(rows)('have rows: %s', (_, buckets, want) => {
    const got = nativeRows(buckets);
    expect(got.length).toBe(want.length);
    got.forEach((r, i) => { expect(r.low).toBeCloseTo(want[i]?.[0] ?? 0, 9); expect(r.high).toBeCloseTo(want[i]?.[1] ?? 0, 9); });
  });

  it('keep every observation whatever the resolution', () => {
    const fine = natives([1, Math.SQRT2, 2, Math.SQRT2, 2, 3], [1, 2, 7], [-Infinity, 0, 1, 4, Infinity, 2]);
    const heat = heatFromNatives([fine], 1);
    expect(heat.counts.map((row) => row.reduce<number>((s, v) => s + (v ?? 0), 0)).reduce((a, b) => a + b, 0)).toBe(15);
    expect(nativeBars([natives([1, 2, 4], [1, 2, 2])])).toEqual({ low: [1], high: [2], counts: [3] });
  });

  it('are lines of counts, rows or cells by the type of the panel', () => {
    const line = nativesFor('timeseries', frames);
    expect(line.notices.length).toBe(1);
    expect(line.frames[0]?.fields.map((f) => [f.type, f.values, f.legend])).toEqual([['time', [1000, 2000], undefined], ['number', [4, 2], 'a']]);
    expect(nativesFor('heatmap', frames)).toEqual({ frames, notices: [] });
    const rows = nativesFor('table', frames).frames[0];
    expect(rows?.fields.map((f) => [f.name, f.values])).toEqual([
      ['Time', [1000, 2000]], ['Count', [4, 2]], ['Sum', [10, null]], ['Mean', [2.5, null]], ['Buckets', ['{count:4, sum:10, (1,2]:1, (2,4]:3}', '{count:2, (8,16]:2}']],
    ]);
    const prepared = preparePanel(plainPanel('stat', '', { options: {}, fieldConfig: { defaults: {}, overrides: [] } }), frames, { theme: 'light', zone: 'utc', wantsRange: true, interpolate: (t) => t });
    expect([prepared.frames[0]?.fields[1]?.title, prepared.notices.length]).toEqual(['a', 1]);
  });

  it('are words in a table', () => {
    const [table] = toFrames(wire, { refId: 'A', format: 'table', several: true });
    expect(table?.fields.map((f) => [f.name, f.type, f.values[0]])).toEqual([['Time', 'time', 1000], ['host', 'string', 'a'], ['Value #A', 'string', '{count:4, sum:10, (1,2]:1, (2,4]:3}']]);
    expect(seriesLines(frames).map((l) => [l.text, l.value, l.at])).toEqual([['{host="a"}', '{count:2, (8,16]:2}', 2000], ['{host="b"}', '{count:0, sum:0}', 2500]]);
    expect(instantTable(frames)[0]?.fields.at(-1)?.type).toBe('string');
    expect(nativeText(natives([-2, -1, 1, -0.5, 0.5, 2, 1, Infinity, 3]), 0)).toBe('{count:1, sum:1, [-2,-1):1, [-0.5,0.5]:2, (1,+Inf]:3}');
  });
});
