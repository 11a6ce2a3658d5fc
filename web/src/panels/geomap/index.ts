/** The map panel: markers and heat over a built-in world, placed by coordinates, geohash or country. */
import { showValue } from '../../model/fieldconfig/display';
import { framesTable } from '../../model/table';
import type { PanelModule } from '../types';
import { placeLayer, placeRows } from './locate';
import { readLayers } from './options';
import { MapPanelView } from './view';

const geomap: PanelModule = {
  mount: (host) => new MapPanelView(host),
  describe: (frames, options) => {
    const placed = readLayers(options).filter((l) => l.type === 'markers' || l.type === 'heatmap' || l.type === 'route').map((l) => placeLayer(frames, l, 'light'));
    const markers = placed.flatMap((p) => p.markers.map((m) => ({ m, by: p.colorBy })));
    const named = markers.slice(0, 6).map(({ m, by }) => {
      const value = by?.display && m.frame.fields.includes(by) ? showValue(by.display(by.values[m.row] ?? null)) : '';
      return [m.name || m.label || `${m.place.lat.toFixed(1)}, ${m.place.lon.toFixed(1)}`, value].filter((w) => w !== '').join(' ');
    });
    return markers.length === 0 ? 'Map without markers.' : `Map with ${markers.length} markers: ${named.join('; ')}${markers.length > 6 ? '; and more' : ''}.`;
  },
  toTable: (frames) => framesTable(placeRows(frames)),
};
export default geomap;
