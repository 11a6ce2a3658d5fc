/** Adds up what the built pages load before anything is shown and fails above the limits (kB = 1000 bytes, gzip -9). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const size = (path) => gzipSync(readFileSync(join(dist, path)), { level: 9 }).length;

/** Files a page refers to, and what those import statically, to the end. */
function closure(page) {
  const seen = new Set();
  const queue = [...readFileSync(join(dist, page), 'utf8').matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((m) => m[1]);
  while (queue.length > 0) {
    const path = queue.pop();
    if (seen.has(path) || !existsSync(join(dist, path))) continue;
    seen.add(path);
    if (!path.endsWith('.js')) continue;
    const text = readFileSync(join(dist, path), 'utf8');
    for (const [, name] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)) queue.push(`assets/${name}`);
  }
  return [...seen];
}

const app = closure('app.html');
const login = closure('login.html');
const prometheus = closure('prometheus.html');
const sum = (files, kind) => files.filter((f) => f.endsWith(kind)).reduce((total, f) => total + size(f), 0);
const rows = [
  ['dashboard page, initial JS', sum(app, '.js'), 250_000],
  ['dashboard page, initial CSS', sum(app, '.css'), 15_000],
  ['login page, everything but the font', size('login.html') + sum(login, '.js') + sum(login, '.css'), 10_000],
  ['Prometheus pages, everything but the font', size('prometheus.html') + sum(prometheus, '.js') + sum(prometheus, '.css'), 15_000],
];
let failed = false;
for (const [what, bytes, limit] of rows) {
  const over = bytes > limit;
  failed ||= over;
  console.log(`${what.padEnd(38)} ${(bytes / 1000).toFixed(1).padStart(7)} kB gz  of ${(limit / 1000).toFixed(0).padStart(4)}${over ? '  OVER' : ''}`);
}
if (failed) process.exit(1);
