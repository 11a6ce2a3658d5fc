/** A stand-in for the binary while the UI is built: serves dist/, the contract of docs/develop/ui-api.md, and made-up waves. */
import { createServer } from 'node:http';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answerPanel, options } from './data.mjs';
import { annotations, rules } from './portal.mjs';
import { gallery, many } from './gallery.mjs';
import { toView } from './view.mjs';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const bundled = fileURLToPath(new URL('../../../dashboards/orrery/', import.meta.url));
const port = Number(process.env.PORT ?? 3900);
let password = 'admin';
let changed = false;
const stars = new Set(['orrery-host']);

const dashboards = [gallery, many];
if (existsSync(bundled)) for (const name of readdirSync(bundled)) if (name.endsWith('.json')) dashboards.push(JSON.parse(readFileSync(join(bundled, name), 'utf8')));
const folderOf = (d) => (d.uid === 'gallery' ? undefined : 'Orrery');
const slug = (d) => d.title.toLowerCase().replace(/[^a-z0-9]+/g, '-');

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
const policy = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

const json = (response, status, body, headers = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};
const body = async (request) => {
  let text = '';
  for await (const part of request) text += part;
  return text;
};
const signedIn = (request) => /grafana_session=mock/.test(request.headers.cookie ?? '');

function page(response, name, status, fill) {
  let html = readFileSync(join(dist, name), 'utf8');
  for (const [marker, text] of Object.entries(fill)) html = html.replace(marker, () => text);
  response.writeHead(status, { 'content-type': types['.html'], 'content-security-policy': policy, 'cache-control': 'no-store' });
  response.end(html);
}
const boot = () => `<script type="application/json" id="boot">${JSON.stringify({
  user: { login: 'admin', name: 'admin', email: 'admin@localhost', orgRole: 'Admin', isGrafanaAdmin: true, mustChangePassword: !changed },
  settings: { version: '0.0.0', theme: 'system', timezone: 'browser', metricsPort: 9090 },
})}</script>`;

/** The login page as the server fills it: the error, and where the form leads. */
const loginPage = (response, status, error, redirect) => page(response, 'login.html', status, {
  '<!--login-error-->': error,
  'name="redirect" type="hidden" value=""': `name="redirect" type="hidden" value="${encodeURI(redirect ?? '')}"`,
});

async function login(request, response) {
  const text = await body(request);
  const isForm = (request.headers['content-type'] ?? '').includes('form');
  const given = isForm ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text);
  const ok = given.user === 'admin' && given.password === password;
  const cookie = { 'set-cookie': 'grafana_session=mock; HttpOnly; SameSite=Lax; Path=/' };
  if (isForm) {
    if (!ok) return loginPage(response, 401, 'Invalid username or password', given.redirect);
    response.writeHead(303, { location: given.redirect || '/', ...cookie });
    return response.end();
  }
  if (!ok) return json(response, 401, { message: 'Invalid username or password' });
  return json(response, 200, { message: 'Logged in', redirectUrl: '/', mustChangePassword: !changed }, cookie);
}

async function query(request, response) {
  const asked = JSON.parse(await body(request));
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  for (const panel of asked.panels) {
    for (const line of answerPanel(panel, asked.range)) response.write(`${JSON.stringify(line)}\n`);
    await new Promise((resolve) => { setTimeout(resolve, Number(process.env.DELAY ?? 2)); });
  }
  response.end(`${JSON.stringify({ end: true })}\n`);
}

async function api(request, response, url) {
  const path = url.pathname;
  if (path === '/api/health') return json(response, 200, { commit: 'mock', database: 'ok', version: '0.0.0', ok: true });
  if (!signedIn(request)) return json(response, 401, { message: 'Unauthorized' });
  if (path === '/api/access-control/user/actions') return json(response, 200, {});
  if (/^\/api\/ui\/data-sources\/[^/]+\/health$/.test(path)) return json(response, 200, { status: 'OK', message: 'Successfully queried the Prometheus API.' });
  if (path === '/api/user') return json(response, 200, { id: 1, login: 'admin', name: 'admin', email: 'admin@localhost', isGrafanaAdmin: true, orgId: 1, theme: '' });
  if (path === '/api/user/password') {
    const { newPassword } = JSON.parse(await body(request));
    password = newPassword;
    changed = true;
    return json(response, 200, { message: 'User password changed' });
  }
  const star = /^\/api\/user\/stars\/dashboard\/uid\/(.+)$/.exec(path);
  if (star) {
    if (request.method === 'POST') stars.add(star[1]);
    else stars.delete(star[1]);
    return json(response, 200, { message: 'ok' });
  }
  if (path === '/api/search') {
    return json(response, 200, dashboards.map((d, i) => ({
      id: i + 1, uid: d.uid, title: d.title, uri: `db/${slug(d)}`, url: `/d/${d.uid}/${slug(d)}`, slug: '', type: 'dash-db', tags: d.tags ?? [], isStarred: stars.has(d.uid),
      ...(folderOf(d) ? { folderUid: 'orrery', folderTitle: folderOf(d) } : {}),
    })));
  }
  if (path === '/api/datasources') return json(response, 200, [{ id: 1, uid: 'orrery-metrics', name: 'Metrics', type: 'prometheus', isDefault: true }]);
  if (path === '/api/annotations') return json(response, 200, annotations(url.searchParams));
  if (path === '/api/prometheus/grafana/api/v1/rules') return json(response, 200, rules());
  const ui = /^\/api\/ui\/dashboards\/(.+)$/.exec(path);
  if (ui) {
    const found = dashboards.find((d) => d.uid === decodeURIComponent(ui[1]));
    if (!found) return json(response, 404, { message: 'Dashboard not found' });
    return json(response, 200, {
      meta: { uid: found.uid, title: found.title, url: `/d/${found.uid}/${slug(found)}`, folderTitle: folderOf(found) ?? '', folderUid: folderOf(found) ? 'orrery' : '', version: 1, provisioned: true, canEdit: false, isStarred: stars.has(found.uid) },
      raw: found, view: toView(found),
    });
  }
  if (path === '/api/ui/query') return query(request, response);
  if (path === '/api/ui/variable') return json(response, 200, { options: options(JSON.parse(await body(request)).query), truncated: false });
  return json(response, 404, { message: 'Not found' });
}

createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const done = (async () => {
    if (url.pathname.startsWith('/api/')) return api(request, response, url);
    if (url.pathname === '/login' && request.method === 'POST') return login(request, response);
    if (url.pathname === '/login') return loginPage(response, 200, '', url.searchParams.get('redirect'));
    if (url.pathname === '/logout') {
      response.writeHead(302, { location: '/login', 'set-cookie': 'grafana_session=; Path=/; Max-Age=0' });
      return response.end();
    }
    if (url.pathname.startsWith('/assets/')) {
      const file = join(dist, normalize(url.pathname));
      if (!file.startsWith(dist) || !existsSync(file)) {
        response.writeHead(404);
        return response.end();
      }
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'cache-control': 'public, max-age=31536000, immutable' });
      return response.end(readFileSync(file));
    }
    if (!signedIn(request)) {
      response.writeHead(302, { location: `/login?redirect=${encodeURIComponent(url.pathname + url.search)}` });
      return response.end();
    }
    return page(response, 'app.html', 200, { '<!--boot-->': boot() });
  })();
  done.catch((error) => json(response, 500, { message: String(error) }));
}).listen(port, '127.0.0.1', () => console.log(`mock on http://127.0.0.1:${port}`));
