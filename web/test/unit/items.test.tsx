// @vitest-environment happy-dom
/** Lists of things in the editor: a map's layers are added, changed, moved and removed, and what the form does not know stays. */
import { useState, type ReactNode } from 'react';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { list, object } from '../../src/model/json';
import { ItemsField } from '../../src/pages/panel-editor/ItemsField';
import { readLayers } from '../../src/panels/geomap/options';
import { schemaOf } from '../../src/panels/schema';
import { mount, type Mounted } from './mounted';

let page: Mounted;
let now: unknown;
beforeEach(() => { page = mount(); });
afterEach(() => page.unmount());
const form = schemaOf('geomap')?.options.find((o) => o.path === 'layers')?.items;

function Layers({ first }: { first: unknown }): ReactNode {
  const [value, setValue] = useState(first);
  return form && <ItemsField label="Layers" value={value} form={form} fields={['lat', 'lon']} onChange={(next) => { now = next; setValue(next); }} />;
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
  await page.type('[aria-label="Only the query"]', 'B');
  const [layer] = readLayers({ layers: now });
  expect([layer?.shape, layer?.refIds, layer?.location.latitude]).toEqual(['star', 'B', 'lat']);
  expect(object(object(object(list(now)[0])['config'])['style'])).toEqual({ symbol: { fixed: 'img/icons/marker/star.svg', mode: 'fixed' } });
});
