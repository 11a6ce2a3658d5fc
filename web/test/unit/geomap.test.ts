/** The map: projection and its way back, geohashes, countries, where rows are placed, views. */
import { expect, test, vi } from 'vitest';
import { applyFieldConfig } from '../../src/model/fieldconfig/apply';
import { makeFrame, type Cell, type Frame } from '../../src/model/frame';
import { resolveColor } from '../../src/model/color/names';
import { GeoLayers } from '../../src/panels/geomap/geo-layers';
import { geoShapes, geoSource, readGeoJson, routes, worldShape, type GeoFile } from '../../src/panels/geomap/shapes';
import { unwrapped } from '../../src/panels/geomap/outline';
import { findPlace } from '../../src/panels/geomap/countries';
import { placeLayer, placeRows } from '../../src/panels/geomap/locate';
import { fitView, readGeohash, scaleBar, toLonLat, toWorld, wholeWorld, worldPixels } from '../../src/panels/geomap/mercator';
import { closestFit, readLayer, tileAddress, wantedView } from '../../src/panels/geomap/options';

const table = (fields: Record<string, Cell[]>, defaults: object = {}): Frame[] => applyFieldConfig([
  makeFrame('A', Object.entries(fields).map(([name, values]) => ({ name, type: typeof values[0] === 'number' ? 'number' as const : 'string' as const, values })), { table: true }),
], { defaults, overrides: [] }, { theme: 'light', zone: 'utc', wantsRange: false });
const round = (n: number): number => Math.round(n * 100) / 100;
const placed = (frames: Frame[], layer: object = {}) => placeLayer(frames, readLayer({ type: 'markers', ...layer }), 'light');
const where = (frames: Frame[], layer: object = {}) => placed(frames, layer).markers.map((m) => [round(m.place.lat), round(m.place.lon)]);

test.each([[0, 0], [52.5, 13.4], [-33.9, 151.2], [85, -180]])('there and back: %d, %d', (lat, lon) => {
  const back = toLonLat(toWorld({ lat, lon }));
  expect([round(back.lat), round(back.lon)]).toEqual([lat, lon]);
});

test('the poles are cut off, not infinite', () => {
  expect(round(toWorld({ lat: 90, lon: 0 }).y)).toBe(0);
  expect(round(toWorld({ lat: -90, lon: 0 }).y)).toBe(1);
});

test.each([['u33db', 52.54, 13.38], ['9q8yyk8ytpxr', 37.77, -122.42], ['S0', 2.81, 5.63]])('geohash %s', (hash, lat, lon) => {
  const p = readGeohash(hash);
  expect([round(p?.lat ?? NaN), round(p?.lon ?? NaN)]).toEqual([lat, lon]);
});

test('what is no geohash has no place', () => {
  expect(readGeohash('ail')).toBeUndefined();
  expect(readGeohash('')).toBeUndefined();
});

test.each([['DE', 'Germany'], ['deu', 'Germany'], ['germany', 'Germany'], ['USA', 'United States'], ['uk', 'United Kingdom'], ['SGP', 'Singapore']])('%s is %s', (word, name) => {
  expect(findPlace(word)?.name).toBe(name);
});

test('codes of states are not those of countries', () => {
  expect(findPlace('CA')?.name).toBe('Canada');
  expect(findPlace('CA', 'usa-states')?.lat).toBe(37.2);
  expect(findPlace('nowhere')).toBeUndefined();
});

test('rows are placed by coordinates, also as words, by geohash, by country', () => {
  expect(where(table({ latitude: [52.5, 91], longitude: [13.4, 0], v: [1, 2] }))).toEqual([[52.5, 13.4]]);
  expect(where(table({ Lat: ['1.5'], Lng: ['2.5'] }))).toEqual([[1.5, 2.5]]);
  expect(where(table({ geohash: ['u33db'] }))).toEqual([[52.54, 13.38]]);
  expect(where(table({ country: ['FR', '??'] }))).toEqual([[46.6, 2.5]]);
  expect(where(table({ a: ['DE'], country: ['FR'] }), { location: { mode: 'lookup', lookup: 'a' } })).toEqual([[51.1, 10.4]]);
  expect(where(table({ n: [1], e: [2] }), { location: { mode: 'coords', latitude: 'n', longitude: 'e' } })).toEqual([[1, 2]]);
});

test('rows without a place are counted, data without places says so', () => {
  expect(placed(table({ country: ['FR', '??'] })).lost).toBe(1);
  expect(placed(table({ host: ['a'] })).problem).toMatch(/no places/);
});

test('series are placed by their labels', () => {
  const series = (country: string, value: number): Frame => makeFrame('A', [{ name: 'Time', type: 'time', values: [1, 2] }, { name: 'Value', type: 'number', values: [0, value], labels: { country } }]);
  const [t] = placeRows([series('DE', 4), series('FR', 5)]);
  expect(t?.fields.map((f) => [f.name, f.values])).toEqual([['country', ['DE', 'FR']], ['Value', [4, 5]]]);
  expect(where([series('DE', 4)])).toEqual([[51.1, 10.4]]);
});

test('size and colour follow a field; the big ones are drawn first', () => {
  const frames = table({ country: ['DE', 'FR', 'ES'], v: [0, 50, 100] }, { thresholds: { mode: 'absolute', steps: [{ value: null, color: 'green' }, { value: 60, color: 'red' }] } });
  const { markers } = placed(frames, { config: { style: { size: { field: 'v', min: 4, max: 24 }, color: { field: 'v' } } } });
  expect(markers.map((m) => [m.name, m.radius, m.color])).toEqual([['Spain', 24, '#c23a30'], ['France', 14, '#2b8347'], ['Germany', 4, '#2b8347']]);
});

test('views: a place, a region, the data, the world', () => {
  expect(wantedView({ view: { id: 'fit' } })).toBe('fit');
  expect(wantedView({})).toBe('world');
  expect(wantedView({ view: { id: 'coords', lat: 0, lon: 0, zoom: 99 } })).toEqual({ center: { x: 0.5, y: 0.5 }, zoom: 18 });
  expect(wantedView({ view: { id: 'europe' } })).toMatchObject({ zoom: 3.2 });
  const fit = fitView([toWorld({ lat: 50, lon: 0 }), toWorld({ lat: 40, lon: 10 })], 400, 400, closestFit({}));
  expect(toLonLat(fit?.center ?? { x: 0, y: 0 }).lon).toBeCloseTo(5);
  expect(fitView([toWorld({ lat: 50, lon: 0 })], 400, 400, 6)?.zoom).toBe(6);
  expect(fitView([], 400, 400, 6)).toBeUndefined();
  expect(worldPixels(wholeWorld(1024, 2000).zoom)).toBeLessThanOrEqual(1080);
});

test('the scale bar is round and fits', () => {
  const bar = scaleBar({ center: { x: 0.5, y: 0.5 }, zoom: 4 }, 100);
  expect(bar.metres).toBe(500_000);
  expect(bar.pixels).toBeLessThanOrEqual(100);
});

test('tiles come from this site or not at all', () => {
  const xyz = (url: string) => tileAddress({ basemap: { type: 'xyz', config: { url } } });
  expect(xyz('/tiles/{z}/{x}/{y}.png').url).toBe('/tiles/{z}/{x}/{y}.png');
  expect(xyz('https://tile.example/{z}/{x}/{y}.png')).toEqual({ url: undefined, refused: 'https://tile.example/{z}/{x}/{y}.png' });
  expect(xyz('//tile.example/{z}/{x}/{y}.png').url).toBeUndefined();
});

test('an outline that crosses the date line stays in one piece, and stands on both sides', () => {
  const lines = unwrapped([[170, 60], [-170, 60], [-170, 50], [170, 50]]);
  expect(lines.map((l) => [round(l.left * 360 - 180), round(l.right * 360 - 180)])).toEqual([[170, 190], [-190, -170]]);
  expect(unwrapped([[0, 0], [10, 0], [10, 10]])).toHaveLength(1);
});

test('a route goes through its rows in their order, one line a frame, and over the date line', () => {
  const frames = table({ latitude: [10, 0, 20], longitude: [170, 160, -170], size: [1, 9, 5] });
  const layer = readLayer({ type: 'route', config: { style: { size: { fixed: 4 }, color: { fixed: 'red' }, opacity: 0.7 }, arrow: 1 } });
  const [route] = routes(placeLayer(frames, layer, 'light').markers, layer, 'light');
  expect([route?.lines.length, route?.width, route?.opacity, layer.arrow, route?.closed]).toEqual([2, 2, 0.7, 1, false]);
  expect([...(route?.lines[0]?.points ?? [])].filter((_, i) => i % 2 === 0).map(round)).toEqual([0.97, 0.94, 1.03]);
  expect(routes(placeLayer(table({ latitude: [1], longitude: [1] }), layer, 'light').markers, layer, 'light')[0]?.lines).toEqual([]);
});

test.each<[string, object]>([['', { kind: 'world' }], ['public/maps/countries.geojson', { kind: 'world' }], ['/maps/a.geojson', { kind: 'file', url: '/maps/a.geojson' }], ['public/maps/b.geojson', { kind: 'file', url: '/public/maps/b.geojson' }], ['https://x/a.geojson', { kind: 'refused' }], ['//x/a', { kind: 'refused' }], ['/\\x', { kind: 'refused' }]])('the file “%s”', (src, want) => {
  expect(geoSource(src)).toEqual(want);
});

test('shapes of GeoJSON have the style of the first rule that means them', () => {
  const square = [[0, 0], [10, 0], [10, 10], [0, 0]];
  const file = readGeoJson({ type: 'FeatureCollection', features: [
    { type: 'Feature', properties: { n: 5, name: 'a' }, geometry: { type: 'MultiPolygon', coordinates: [[square], [square]] } },
    { type: 'Feature', properties: { n: 1 }, geometry: { type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [1, 2] }, { type: 'LineString', coordinates: [[0, 0], [1, 1]] }] } },
    { type: 'Feature', geometry: null }, { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [[['x', 1]]] } },
  ] });
  const layer = readLayer({ type: 'geojson', config: { style: { color: { fixed: 'green' }, size: { fixed: 3 } }, rules: [{ check: { property: 'n', operation: 'gte', value: 5 }, style: { color: { fixed: 'red' }, opacity: 0.9, size: { fixed: 1 } } }, { check: { property: 'name', operation: 'eq', value: 'a' }, style: {} }] } });
  const { shapes, cut } = geoShapes(file, layer, 'light');
  expect(cut).toBe(false);
  expect(shapes.map((s) => [s.closed, s.lines.length, s.points.length, s.color, s.width, s.opacity])).toEqual([
    [true, 2, 0, resolveColor('red', 'light'), 1, 0.9], [false, 0, 1, resolveColor('green', 'light'), 3, 0.4], [false, 1, 0, resolveColor('green', 'light'), 3, 0.4], [true, 0, 0, resolveColor('green', 'light'), 3, 0.4],
  ]);
  for (const bad of [null, {}, [], { type: 'Topology' }]) expect(() => readGeoJson(bad)).toThrow('no GeoJSON');
});

const geoLayer = (config: object = {}) => readLayer({ type: 'geojson', config: { src: '/a.json', ...config } });
const square = readGeoJson({ type: 'Feature', geometry: { type: 'LineString', coordinates: [[0, 0], [1, 1]] }, properties: {} });
function geoMap(answers: (GeoFile | Error)[]) {
  const load = vi.fn(async (): Promise<GeoFile> => {
    const answer = answers[load.mock.calls.length - 1] ?? new Error('asked too often');
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const answered = vi.fn(() => void draw('light', geoLayer(), false));
  const map = new GeoLayers(answered, load);
  const draw = (theme: 'light' | 'dark' = 'light', layer = geoLayer(), retry = true) => map.draw([layer], theme, retry).get(layer);
  return { draw, load, answered };
}

test('shapes are made once for a layer and a theme, not again at each update', async () => {
  const { draw, load } = geoMap([square]);
  draw();
  await vi.waitFor(() => expect(draw()?.shapes).toHaveLength(1));
  const made = draw()?.shapes;
  expect(draw()?.shapes).toBe(made);
  expect(draw('dark')?.shapes).not.toBe(made);
  expect(draw('dark', geoLayer({ style: { size: { fixed: 3 } } }))?.shapes[0]?.width).toBe(3);
  expect(load).toHaveBeenCalledTimes(1);
});

test('updates while a file is loading ask for nothing more, and its answer draws once', async () => {
  const { draw, load, answered } = geoMap([square]);
  for (let i = 0; i < 5; i += 1) expect(draw()).toEqual({ shapes: [], problem: '' });
  await vi.waitFor(() => expect(draw()?.shapes).toHaveLength(1));
  expect([load.mock.calls.length, answered.mock.calls.length]).toEqual([1, 1]);
});

test('a file that could not be loaded is asked for again by the next update, and by that alone', async () => {
  const { draw, load } = geoMap([new Error('gone'), square]);
  draw();
  await vi.waitFor(() => expect(draw('light', geoLayer(), false)?.problem).toBe('Shapes could not be loaded: gone.'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(load).toHaveBeenCalledTimes(1);
  expect(draw()?.problem).toContain('gone');
  await vi.waitFor(() => expect(draw('light', geoLayer(), false)).toMatchObject({ problem: '', shapes: [{}] }));
  expect(load).toHaveBeenCalledTimes(2);
});

test('the outlines of the world are put together once', () => {
  const map = { land: unwrapped([[0, 0], [1, 1]]), borders: unwrapped([[2, 2], [3, 3]]) };
  expect(worldShape(map, geoLayer(), 'light').lines).toHaveLength(2);
  expect(worldShape(map, geoLayer(), 'dark').lines).toBe(worldShape(map, geoLayer(), 'light').lines);
});
