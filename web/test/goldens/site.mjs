/** The app without a server: the built files and the golden answers, handed to the browser by the debugger. */
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toView } from '../mock/view.mjs';
import { goldens, portal } from './cases.mjs';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
/** Panels stand in two columns, seven rows of the grid high. */
const COLUMNS = 2;
const ROWS = 7;

const dashboard = {
  uid: 'goldens', title: 'Goldens', time: { from: 'now-6h', to: 'now' }, timezone: 'utc', refresh: '',
  panels: goldens.map(({ panel }, i) => ({ ...panel, id: i + 1, datasource: { type: 'prometheus', uid: 'metrics' }, gridPos: { x: (i % COLUMNS) * 12, y: Math.floor(i / COLUMNS) * ROWS, w: 12, h: ROWS } })),
};
/** Only the panels that ask for them show annotations: elsewhere they would hide what is compared. */
const annotations = [{ name: 'Annotations', builtIn: 1, enable: true, hide: true, iconColor: 'blue', datasource: { type: 'grafana', uid: '-- Grafana --' }, filter: { exclude: false, ids: goldens.flatMap(({ panel }, i) => (panel.marks ? [i + 1] : [])) } }];
const boot = { user: { login: 'admin', name: 'admin', email: '', orgRole: 'Viewer', isGrafanaAdmin: false, mustChangePassword: false }, settings: { version: '0', theme: 'system', timezone: 'utc' } };

export const address = 'http://goldens.test';
export const page = `${address}/d/goldens/goldens?kiosk`;
/** Where a picture's panel is: its id on the dashboard. */
export const idOf = (name) => goldens.findIndex((g) => g.name === name) + 1;

function* lines({ panels }) {
  for (const { id, queries } of panels) {
    const { answers } = goldens[Number(id) - 1];
    for (const { refId } of queries) {
      for (const answer of answers[refId.charCodeAt(0) - 65]) {
        if (answer.error) yield { id, refId, error: answer.error };
        else yield { id, refId, frame: answer };
      }
      yield { id, refId, done: { ms: 1, series: 1, samples: 1, stepMs: 1 } };
    }
  }
  yield { end: true };
}

function answer(request) {
  const { pathname } = new URL(request.url());
  const json = (body) => ({ contentType: 'application/json', body: JSON.stringify(body) });
  if (pathname === '/api/ui/dashboards/goldens') {
    const view = { ...toView(dashboard), annotations };
    view.panels.forEach((p, i) => { p.originalType = dashboard.panels[i].originalType ?? p.type; });
    return json({ meta: { uid: 'goldens', title: 'Goldens', url: '/d/goldens/goldens', folderTitle: '', version: 1, provisioned: true, canEdit: false }, raw: dashboard, view });
  }
  if (pathname === '/api/ui/query') return { contentType: 'application/x-ndjson', body: [...lines(request.postDataJSON())].map((l) => `${JSON.stringify(l)}\n`).join('') };
  if (pathname in portal) return json(portal[pathname]);
  // Why a panel is empty is asked of the source: nothing was ever recorded there.
  if (pathname.startsWith('/api/datasources/')) return json({ status: 'success', data: [] });
  if (pathname.startsWith('/api/')) return { ...json({ message: `not part of the goldens: ${pathname}` }), status: 404 };
  const file = join(dist, normalize(pathname));
  if (pathname.startsWith('/assets/') && existsSync(file)) return { contentType: types[extname(file)] ?? 'application/octet-stream', body: readFileSync(file) };
  if (pathname.startsWith('/assets/')) return { status: 404, body: '' };
  return { contentType: types['.html'], body: readFileSync(join(dist, 'app.html'), 'utf8').replace('<!--boot-->', () => `<script type="application/json" id="boot">${JSON.stringify(boot)}</script>`) };
}

/** Answers everything the page asks for. What is not part of the goldens is told to `onMissing`. */
export async function serve(context, onMissing) {
  await context.route('**/*', (route) => {
    const found = answer(route.request());
    if ((found.status ?? 200) >= 400) onMissing(`${found.status} ${route.request().url()}`);
    return route.fulfill(found);
  });
}
