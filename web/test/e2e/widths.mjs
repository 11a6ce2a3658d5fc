/**
 * Every page on a telephone, a desk and a wide screen, in light and dark: nothing sticks out sideways, no text lies on another, and
 * whatever looks like a button is reached by the keys. Wants the demo's metrics; PROMETHEUS_URL adds the pages on that port.
 */
import { begin, url } from './journey.mjs';
import { facesOf, PROMETHEUS, SHELL } from './places.mjs';
import { step } from './steps.mjs';

const SIZES = [{ width: 360, height: 780 }, { width: 1280, height: 900 }, { width: 2560, height: 1300 }];
const places = [...SHELL, ...facesOf('main-dashboard', 2), '/d/kubernetes-cluster', '/d/infrastructure-health', '/d/autoweave-business', '/d/alert-overview', '/d/no-such-dashboard'].map((path) => `${url}${path}`);
const prometheus = process.env.PROMETHEUS_URL === undefined ? [] : PROMETHEUS.map((path) => `${process.env.PROMETHEUS_URL}${path}`);

const { page, end } = await begin('widths', {
  context: { viewport: SIZES[0], reducedMotion: 'reduce' },
  allowed: [
    { status: 401, method: 'GET', path: /\/api\/.*/, why: 'the sign-in page is shown without a session', sometimes: true },
    { status: 404, method: 'GET', path: /\/api\/ui\/dashboards\/no-such-dashboard/, why: 'a dashboard that is not there', sometimes: true },
    { status: 403, method: 'GET', path: /\/api\/ui\/dashboards\/[^/]+\/drift/, why: 'the server’s own dashboards have no file to be compared with', sometimes: true },
    { status: 404, method: 'GET', path: /\/(d\/no-such-dashboard|nowhere)/, why: 'pages that are not there', sometimes: true },
  ],
  hosts: prometheus.length > 0 ? [new URL(prometheus[0]).host] : [],
});

/** Runs in the page; answers what is wrong with its layout, in words. */
async function layoutFaults() {
  // Sizes are told to observers once a frame, and what they change is there in the next.
  await new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); });
  const faults = [];
  const named = (e) => `${e.tagName.toLowerCase()}${typeof e.className === 'string' && e.className !== '' ? `.${e.className.trim().split(/\s+/).join('.')}` : ''}${e.textContent ? ` “${e.textContent.trim().slice(0, 40)}”` : ''}`;
  const style = new Map();
  const styleOf = (e) => {
    let s = style.get(e);
    if (!s) style.set(e, s = getComputedStyle(e));
    return s;
  };
  // What may scroll sideways is inside a page that does not.
  for (const e of document.querySelectorAll('html, #root, .shell, main, .page, .dashboard, .dashboard-scroll, .settings-body, .metric-page, .dialog-body, #content, .rail')) {
    if (e.scrollWidth > e.clientWidth + 1) faults.push(`${named(e).slice(0, 60)} is ${e.scrollWidth} wide in ${e.clientWidth}`);
  }
  const reachable = 'a[href],button,label,summary,input,select,textarea,option,canvas,[tabindex]';
  const texts = [];
  for (const e of document.querySelectorAll('body *')) {
    const s = styleOf(e);
    if (s.visibility === 'hidden' || s.display === 'none' || e.closest('.visually-hidden')) continue;
    if (s.cursor === 'pointer' && styleOf(e.parentElement).cursor !== 'pointer' && !e.closest(reachable) && !e.querySelector(reachable)) faults.push(`no key reaches ${named(e)}`);
    if (e.closest('.cm-editor, svg, select')) continue;
    for (const node of e.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE || node.textContent.trim() === '') continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const r of range.getClientRects()) {
        let box = { left: r.left, right: r.right, top: Math.max(0, r.top), bottom: Math.min(innerHeight, r.bottom) };
        for (let a = e; a; a = a.parentElement) {
          if (styleOf(a).overflowX === 'visible') continue;
          const b = a.getBoundingClientRect();
          box = { left: Math.max(box.left, b.left), right: Math.min(box.right, b.right), top: Math.max(box.top, b.top), bottom: Math.min(box.bottom, b.bottom) };
        }
        if (box.right - box.left > 1 && box.bottom - box.top > 1) texts.push({ e, ...box });
      }
    }
  }
  texts.sort((a, b) => a.top - b.top);
  const onTop = (t) => {
    const hit = document.elementFromPoint((t.left + t.right) / 2, (t.top + t.bottom) / 2);
    return hit !== null && (hit === t.e || t.e.contains(hit) || hit.contains(t.e));
  };
  texts.forEach((a, i) => {
    for (let j = i + 1; j < texts.length && texts[j].top < a.bottom; j += 1) {
      const b = texts[j];
      if (a.e === b.e || a.e.contains(b.e) || b.e.contains(a.e)) continue;
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const tall = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      // Lines of one text may touch by their leading.
      if (wide > 2 && tall > 0.4 * Math.min(a.bottom - a.top, b.bottom - b.top) && onTop(a) && onTop(b)) faults.push(`${named(a.e)} lies on ${named(b.e)}`);
    }
  });
  return [...new Set(faults)];
}

/** Requests that were sent and are not answered. */
const open = new Set();
page.on('request', (r) => open.add(r));
for (const event of ['requestfinished', 'requestfailed']) page.on(event, (r) => open.delete(r));
const frames = () => page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(() => done())); }));

/** The page is there and nothing it asked for is missing; not `networkidle`, which sleeps half a second on every page. */
async function settled() {
  await page.waitForSelector('main h1, main h2, .state, #login, section.panel, #content > *', { state: 'attached' });
  for (let quiet = 0; quiet < 2; quiet = open.size === 0 ? quiet + 1 : 0) await frames();
}

await end(async () => {
  const faults = [];
  await step(`${places.length + prometheus.length} pages in three widths and two themes`, async () => {
    for (const place of [...places, ...prometheus]) {
      await page.setViewportSize(SIZES[0]);
      open.clear();
      await page.goto(place);
      await settled();
      for (const size of SIZES) {
        await page.setViewportSize(size);
        for (const colorScheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme });
          for (const fault of await page.evaluate(layoutFaults)) faults.push(`${place.replace(url, '')} at ${size.width}, ${colorScheme}: ${fault}`);
        }
      }
    }
  });
  if (faults.length > 0) throw new Error(faults.join('\n'));
});
