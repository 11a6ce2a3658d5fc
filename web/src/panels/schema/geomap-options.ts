/** The options of the map: first view, ground, and a form for its layers. */
import { object, text } from '../../model/json';
import { ruleItems } from './list-items';
import { choices, option, type ItemForm, type OptionSpec } from './types';

const types: [string, string][] = [['markers', 'Markers'], ['heatmap', 'Heatmap'], ['route', 'Route'], ['geojson', 'GeoJSON file']];
type Get = (path: string) => unknown;
const typeOf = (get: Get): string => text(get('type'), 'markers');
const ofType = (...wanted: string[]) => ({ when: (get: Get) => wanted.includes(typeOf(get)) });
const placed = ofType('markers', 'heatmap', 'route');
const byMode = (mode: string) => ({ when: (get: Get) => typeOf(get) !== 'geojson' && text(get('location.mode'), 'auto') === mode });

/** A layer draws the results of one query, or all. */
const byRefId: NonNullable<OptionSpec['codec']> = { read: (stored) => text(object(stored)['options']), write: (refId) => ({ id: 'byRefId', options: refId }) };

/** One layer. Which of the data it draws, where it finds their places, how they look. */
const layer: ItemForm = {
  one: 'Layer', fresh: { type: 'markers', name: '', location: { mode: 'auto' }, config: { showLegend: true, style: {} }, tooltip: true },
  title: (l) => text(l['name']) || (types.find(([t]) => t === text(l['type'], 'markers'))?.[1] ?? text(l['type'])),
  specs: [
    option('', 'name', 'Name', 'text', ''),
    option('', 'type', 'Kind', 'select', 'markers', { choices: types }),
    option('', 'filterData', 'Data', 'query', '', { ...placed, codec: byRefId }),
    option('', 'location.mode', 'Place', 'select', 'auto', { ...placed, choices: choices('auto:Found in the data|coords:Latitude and longitude|geohash:Geohash|lookup:Name of a place') }),
    option('', 'location.latitude', 'Latitude', 'field', '', byMode('coords')), option('', 'location.longitude', 'Longitude', 'field', '', byMode('coords')),
    option('', 'location.geohash', 'Geohash', 'field', '', byMode('geohash')), option('', 'location.lookup', 'Field of the names', 'field', '', byMode('lookup')),
    option('', 'location.gazetteer', 'Names are of', 'select', 'public/gazetteer/countries.json', { ...byMode('lookup'), choices: [['public/gazetteer/countries.json', 'Countries'], ['public/gazetteer/usa-states.json', 'States of the USA']] }),
    option('', 'config.src', 'File', 'text', '', { ...ofType('geojson'), help: 'On this site, or public/maps/countries.geojson' }),
    option('', 'config.style.size.field', 'Size by field', 'field', '', ofType('markers')),
    option('', 'config.style.size.fixed', 'Size', 'slider', 5, { ...ofType('markers', 'route', 'geojson'), min: 1, max: 100 }),
    option('', 'config.style.size.min', 'Least size', 'slider', 2, { when: (get) => typeOf(get) === 'markers' && text(get('config.style.size.field')) !== '', min: 0, max: 100 }),
    option('', 'config.style.size.max', 'Greatest size', 'slider', 15, { when: (get) => typeOf(get) === 'markers' && text(get('config.style.size.field')) !== '', min: 1, max: 200 }),
    option('', 'config.style.color.field', 'Colour by field', 'field', '', ofType('markers', 'route')),
    option('', 'config.style.color.fixed', 'Colour', 'color', '', ofType('markers', 'route', 'geojson')),
    option('', 'config.style.opacity', 'Opacity', 'slider', 0.4, { ...ofType('markers', 'route', 'geojson'), min: 0, max: 1, step: 0.05 }),
    option('', 'config.style.symbol.fixed', 'Shape', 'select', 'img/icons/marker/circle.svg', { ...ofType('markers'), choices: ['circle', 'square', 'triangle', 'star', 'cross', 'x-mark'].map((s): [string, string] => [`img/icons/marker/${s}.svg`, s === 'x-mark' ? 'X' : `${s.charAt(0).toUpperCase()}${s.slice(1)}`]) }),
    option('', 'config.style.text.field', 'Text by field', 'field', '', ofType('markers')),
    option('', 'config.weight.field', 'Weight by field', 'field', '', ofType('heatmap')),
    option('', 'config.radius', 'Radius', 'slider', 5, { ...ofType('heatmap'), min: 1, max: 100 }), option('', 'config.blur', 'Blur', 'slider', 15, { ...ofType('heatmap'), min: 0, max: 100 }),
    option('', 'config.arrow', 'Arrows', 'select', 0, { ...ofType('route'), choices: [[0, 'None'], [1, 'Along the rows'], [-1, 'Against the rows']] }),
    option('', 'config.showLegend', 'In the legend', 'switch', true, ofType('markers')),
    option('', 'config.rules', 'Rules by property', 'items', [], { ...ofType('geojson'), items: ruleItems }),
  ],
};

const views: [string, string][] = [
  ['zero', 'The world'], ['fit', 'The data'], ['coords', 'A place'], ['north-america', 'North America'], ['south-america', 'South America'], ['europe', 'Europe'], ['africa', 'Africa'], ['n-africa', 'Northern Africa'], ['west-africa', 'West Africa'],
  ['ce-africa', 'Central and East Africa'], ['south-africa', 'Southern Africa'], ['west-asia', 'West Asia'], ['s-asia', 'South Asia'], ['se-asia', 'South-East Asia'], ['e-asia', 'East Asia'], ['oceania', 'Oceania'],
];
const viewIs = (...wanted: string[]) => ({ when: (get: Get) => wanted.includes(text(get('options.view.id'), 'zero')) });

export const geomapOptions = (): OptionSpec[] => [
  option('View', 'view.id', 'First view', 'select', 'zero', { choices: views }),
  option('View', 'view.lat', 'Latitude', 'number', 0, { ...viewIs('coords'), min: -90, max: 90 }), option('View', 'view.lon', 'Longitude', 'number', 0, { ...viewIs('coords'), min: -180, max: 180 }),
  option('View', 'view.zoom', 'Zoom', 'slider', 1, { ...viewIs('coords'), min: 0, max: 18, step: 0.5 }),
  option('Ground', 'basemap.type', 'Ground', 'select', 'default', { choices: [['default', 'Outlines of countries'], ['xyz', 'Tiles of this site']] }),
  option('Ground', 'basemap.config.url', 'Address of the tiles', 'text', '', { when: (get) => get('options.basemap.type') === 'xyz', help: 'Such as /tiles/{z}/{x}/{y}.png; other hosts are never asked' }),
  option('Layers', 'layers', 'Layers', 'items', [], { items: layer }),
  option('Controls', 'controls.showZoom', 'Zoom buttons', 'switch', true), option('Controls', 'controls.mouseWheelZoom', 'Zoom with the wheel', 'switch', true), option('Controls', 'controls.showScale', 'Scale', 'switch', false),
  option('Tooltip', 'tooltip.mode', 'Tooltip', 'radio', 'details', { choices: choices('details:Details|none:Hidden') }),
];
