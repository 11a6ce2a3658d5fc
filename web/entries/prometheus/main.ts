/** The pages on the Prometheus port, under the reference's addresses: a query page and the server's state. */
import { el, Refused } from './dom';
import { pages } from './pages';
import { queryPage } from './query';

const nav = document.getElementById('nav') as HTMLElement;
const title = document.getElementById('title') as HTMLElement;
const content = document.getElementById('content') as HTMLElement;
const path = location.pathname.replace(/^\/classic(?=\/)/, '').replace(/(.)\/$/, '$1');
const page = pages[path];

for (const [to, name] of [['/query', 'Query'], ...Object.entries(pages).map(([to, p]) => [to, p.title])] as [string, string][]) {
  const here = to === path || (to === '/query' && page === undefined);
  nav.append(el('a', { href: to, ...(here ? { 'aria-current': 'page' } : {}) }, name));
}

async function show(): Promise<void> {
  if (page === undefined) {
    title.textContent = 'Query';
    content.replaceChildren(queryPage());
    return;
  }
  title.textContent = page.title;
  document.title = `${page.title} · Prometheus · Orrery`;
  try {
    content.replaceChildren(...(await page.make()));
  } catch (error) {
    content.replaceChildren(el('p', { class: 'error', role: 'alert' }, error instanceof Refused ? error.message : 'The server cannot be reached.'));
  }
}
void show();
