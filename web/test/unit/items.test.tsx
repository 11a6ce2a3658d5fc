// @vitest-environment happy-dom
/** Lists of things in the editor: a map's layers are added, changed, moved and removed, and what the form does not know stays. */
import { act, useState, type ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFrame, type Frame } from '../../src/model/frame';
import { list, object } from '../../src/model/json';
import { ItemsField } from '../../src/pages/panel-editor/ItemsField';
import { Offer, offerOf } from '../../src/pages/panel-editor/offer';
import { inFile } from '../../src/pages/panel-editor/PropertyField';
import { readLayers } from '../../src/panels/geomap/options';
import { geoShapes, readGeoJson } from '../../src/panels/geomap/shapes';
import { schemaOf, type ItemForm } from '../../src/panels/schema';
import { xyModel } from '../../src/panels/xychart/model';
import { mount, type Mounted } from './mounted';

let page: Mounted;
let now: unknown;
beforeEach(() => { page = mount(); });
afterEach(() => page.unmount());
const form = schemaOf('geomap')?.options.find((o) => o.path === 'layers')?.items;

function Layers({ first }: { first: unknown }): ReactNode {
  const [value, setValue] = useState(first);
  return form && <Offer value={offerOf([makeFrame('A', []), makeFrame('B', [])])}><ItemsField label="Layers" value={value} form={form} fields={['lat', 'lon']} onChange={(next) => { now = next; setValue(next); }} /></Offer>;
}
const labels = (): string[] => [...page.host.querySelectorAll('.option-name')].map((n) => n.textContent ?? '');

test('a layer is added, named and placed; the form follows its kind', async () => {
  await page.draw(<Layers first={[{ type: 'heatmap', name: 'Old', opacity: 0.5, config: { weight: { fixed: 1 }, own: true } }]} />);
  expect(labels()).toContain('Blur');
  expect(labels()).not.toContain('Shape');
  await page.press('Layer');
  expect(list(now)).toHaveLength(2);
  await page.type('[aria-label^="Layer 2"] input[aria-label="Name"]', 'Sites');
  expect(readLayers({ layers: now }).map((l) => [l.type, l.name])).toEqual([['heatmap', 'Old'], ['markers', 'Sites']]);
  await page.press('Move Sites up');
  await page.press('Remove Sites');
  // Nothing of the other was touched.
  expect(list(now)).toEqual([{ type: 'heatmap', name: 'Old', opacity: 0.5, config: { weight: { fixed: 1 }, own: true } }]);
});

test('what the form writes is what the map reads', async () => {
  await page.draw(<Layers first={[{ type: 'markers', name: 'M', location: { mode: 'coords', latitude: 'lat', longitude: 'lon' }, config: { style: { symbol: { fixed: 'img/icons/marker/star.svg', mode: 'fixed' } } } }]} />);
  expect(labels()).toEqual(expect.arrayContaining(['Latitude', 'Longitude']));
  expect(labels()).not.toContain('Geohash');
  await page.choose('[aria-label="Data"]', 'B');
  const [layer] = readLayers({ layers: now });
  expect([layer?.shape, layer?.refIds, layer?.location.latitude]).toEqual(['star', 'B', 'lat']);
  expect(object(object(object(list(now)[0])['config'])['style'])).toEqual({ symbol: { fixed: 'img/icons/marker/star.svg', mode: 'fixed' } });
});

/** Types into a field with suggestions, and leaves it. */
const fill = async (selector: string, text: string): Promise<void> => {
  await page.type(selector, text);
  await act(async () => page.host.querySelector<HTMLElement>(selector)?.dispatchEvent(new FocusEvent('focusout', { bubbles: true })));
};

describe('series of an XY chart', () => {
  const frames: Frame[] = ['A', 'B'].map((refId) => makeFrame(refId, [
    { name: 'host', type: 'string', values: ['h1', 'h2'] }, { name: 'cpu', type: 'number', values: [1, 2] }, { name: 'mem', type: 'number', values: [10, 20] }, { name: 'load', type: 'number', values: [5, 6] },
  ]));
  const forms = (schemaOf('xychart')?.options ?? []).filter((o) => o.path === 'series').map((o) => o.items);
  const told = (mapping: string) => xyModel(frames, { mapping, series: now }).series.map((s) => [s.title, s.frame.refId, s.x.name, s.y.name, s.size?.name]);
  function Series({ single, first }: { single: boolean; first: unknown }): ReactNode {
    const [value, setValue] = useState(first);
    const items = forms.find((f) => (f?.single ?? false) === single) as ItemForm;
    return <Offer value={offerOf(frames)}><ItemsField label="Series" value={value} form={items} fields={['host', 'cpu', 'mem', 'load']} onChange={(next) => { now = next; setValue(next); }} /></Offer>;
  }

  test('hints of the automatic ones: what is chosen is what is drawn', async () => {
    await page.draw(<Series single first={[]} />);
    await fill('[aria-label="X"]', 'mem');
    await fill('[aria-label="Size"]', 'load');
    await page.choose('[aria-label="Table"]', '1');
    expect(now).toEqual([{ x: { matcher: { id: 'byName', options: 'mem' } }, size: { matcher: { id: 'byName', options: 'load' } }, frame: { matcher: { id: 'byIndex', options: 1 } } }]);
    expect(told('auto')).toEqual([['cpu', 'B', 'mem', 'cpu', 'load']]);
    await page.press('Reset Size');
    await page.press('Reset Table');
    expect(told('auto').map((s) => s.slice(1, 4))).toEqual([['A', 'mem', 'cpu'], ['A', 'mem', 'load'], ['B', 'mem', 'cpu'], ['B', 'mem', 'load']]);
  });

  test('set one by one: added, named, moved; a new one draws what it finds', async () => {
    await page.draw(<Series single={false} first={[]} />);
    await page.press('Series');
    expect(told('manual').map((s) => s.slice(1, 4))).toEqual([['A', 'cpu', 'mem'], ['B', 'cpu', 'mem']]);
    await page.choose('[aria-label="Table"]', '0');
    await fill('[aria-label="Y"]', 'load');
    await page.type('[aria-label="Name"]', 'Load by CPU');
    expect(told('manual')).toEqual([['Load by CPU', 'A', 'cpu', 'load', undefined]]);
    await page.press('Series');
    await page.press('Move Load by CPU down');
    expect(list(now).map((s) => object(object(s)['name'])['fixed'])).toEqual([undefined, 'Load by CPU']);
  });

  test.each([
    ['a plain name of before', 'mem', 'mem'], ['a field of before', { field: 'mem' }, 'mem'], ['a matcher that is not by name', { matcher: { id: 'byRegexp', options: '/me/' } }, 'byRegexp: /me/'],
  ])('%s is shown, and stays until another is chosen', async (_, x, shown) => {
    await page.draw(<Series single={false} first={[{ x, y: 'load', own: 1 }]} />);
    expect(page.host.querySelector<HTMLInputElement>('[aria-label="X"]')?.value).toBe(shown);
    await fill('[aria-label="Y"]', 'cpu');
    expect(now).toEqual([{ x, y: { matcher: { id: 'byName', options: 'cpu' } }, own: 1 }]);
  });
});

test('rules of a GeoJSON layer: a property, a condition, a value and a style', async () => {
  await page.draw(<Layers first={[{ type: 'geojson', name: 'Areas', config: { src: 'public/a.geojson', rules: [{ check: { property: 'n', operation: 'gt', value: 5 }, style: { color: { fixed: 'red' }, own: 1 } }] } }]} />);
  expect(page.host.querySelector<HTMLInputElement>('[aria-label="Value"]')?.value).toBe('5');
  await page.press('Rule');
  const second = '[aria-label^="Rule 2"]';
  await page.type(`${second} [aria-label="Property"]`, 'kind');
  await page.choose(`${second} [aria-label="Condition"]`, 'ne');
  await page.type(`${second} [aria-label="Value"]`, 'park');
  await page.type(`${second} [aria-label="Line width"]`, '3');
  await page.press('Move kind ≠ park up');
  expect(object(object(list(now)[0])['config'])['rules']).toEqual([
    { check: { property: 'kind', operation: 'ne', value: 'park' }, style: { size: { fixed: 3 } } }, { check: { property: 'n', operation: 'gt', value: 5 }, style: { color: { fixed: 'red' }, own: 1 } },
  ]);
  const [layer] = readLayers({ layers: now });
  const point = (properties: object) => ({ type: 'Feature', properties, geometry: { type: 'Point', coordinates: [0, 0] } });
  const shapes = layer && geoShapes(readGeoJson({ type: 'FeatureCollection', features: [point({ kind: 'lake' }), point({ kind: 'park', n: 9 }), point({ kind: 'park', n: 1 })] }), layer, 'light').shapes;
  expect(shapes?.map((s) => [s.width, s.color === shapes[2]?.color])).toEqual([[3, true], [1, false], [1, true]]);
});

test.each([[undefined, ['kind', 'n', 'open']], ['kind', ['lake', 'park']], ['n', ['2', '9', '10']], ['open', ['true']], ['none', []]])('what the shapes of a file have to offer for %s', (property, want) => {
  const point = (properties: object) => ({ type: 'Feature', properties, geometry: null });
  const file = readGeoJson({ type: 'FeatureCollection', features: [point({ kind: 'park', n: 10 }), point({ kind: 'lake', n: 9, open: true }), point({ kind: 'park', n: 2 })] });
  expect(inFile(file, property)).toEqual(want);
});
