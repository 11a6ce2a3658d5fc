/**
 * Lists exports of `src` that no other file imports: `npm run exports`; `-- --fix` takes the word `export` away where the name is
 * used in its own file. What stands alone is dead and is left to a person. Exports of tests' own are none; `src/api/schema.ts`
 * and `routes.ts` are made by a program and left out.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const fix = process.argv.includes('--fix');
const made = new Set(['src/api/schema.ts', 'src/api/routes.ts', 'src/api/client.ts']);

function* walk(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name === 'node_modules') continue;
    if (statSync(path).isDirectory()) yield* walk(path);
    else if (/\.(ts|tsx|mjs)$/.test(name)) yield path;
  }
}
const texts = new Map(['src', 'entries', 'test'].flatMap((f) => [...walk(join(root, f))]).map((path) => [path, readFileSync(path, 'utf8')]));

/** The file that a relative import means. */
function target(from, spec) {
  if (!spec.startsWith('.')) return undefined;
  const base = normalize(join(dirname(from), spec));
  return ['', '.ts', '.tsx', '.mjs', '/index.ts', '/index.tsx'].map((end) => base + end).find((path) => texts.has(path));
}

/** Names imported from each file; `*` for all of them. */
const used = new Map();
const use = (path, name) => {
  if (path === undefined) return;
  if (!used.has(path)) used.set(path, new Set());
  used.get(path).add(name);
};
for (const [path, text] of texts) {
  for (const [, first, names, star, spec] of text.matchAll(/(?:import|export)\s+(?:type\s+)?(?:(\w+)\s*,?\s*)?(?:\{([^}]*)\}|(\*\s+as\s+\w+))?\s*from\s*['"]([^'"]+)['"]/g)) {
    const file = target(path, spec);
    if (first) use(file, 'default');
    if (star) use(file, '*');
    for (const name of (names ?? '').split(',')) use(file, name.trim().replace(/^type\s+/, '').split(/\s+as\s+/)[0]);
  }
  for (const [, spec, name] of text.matchAll(/import\(\s*['"]([^'"]+)['"]\s*\)\)?\.?(\w+)?/g)) use(target(path, spec), name === undefined || name === 'then' ? '*' : name);
  // A namespace that is taken apart later: `const [a, b] = await Promise.all([import(…), …])`.
  for (const [, spec] of text.matchAll(/(?:new URL|importOriginal|vi\.mock)\(\s*['"]([^'"]+)['"]/g)) use(target(path, spec), '*');
}

let count = 0;
for (const [path, text] of texts) {
  const name = relative(root, path);
  const known = used.get(path) ?? new Set();
  if (!name.startsWith('src/') || made.has(name) || known.has('*')) continue;
  let next = text;
  for (const [, , symbol] of text.matchAll(/^export\s+((?:async\s+)?(?:abstract\s+)?(?:function\*?|const|let|class|interface|type|enum)\s+)(\w+)/gm)) {
    if (known.has(symbol)) continue;
    const inside = [...text.matchAll(new RegExp(`\\b${symbol}\\b`, 'g'))].length > 1;
    count += 1;
    if (!inside) console.log(`${name}: ${symbol} is used nowhere`);
    else if (fix) next = next.replace(new RegExp(`^export\\s+((?:async\\s+)?(?:abstract\\s+)?(?:function\\*?|const|let|class|interface|type|enum)\\s+${symbol}\\b)`, 'm'), '$1');
    else console.log(`${name}: ${symbol} is exported, and no other file imports it`);
  }
  if (next !== text) writeFileSync(path, next);
}
console.log(count === 0 ? 'exports: each is imported somewhere' : `exports: ${count} ${fix ? 'looked after' : 'without an importer'}`);
