/** Checks that imports in `src` point down (pages → editors, panels → query → api → model; ui → model) and that files stay small. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../src/', import.meta.url));
/** For each folder, the folders it may import from (itself always). */
const allowed = {
  model: [],
  ui: ['model'],
  api: ['model'],
  query: ['api', 'model'],
  panels: ['query', 'api', 'model', 'ui'],
  editors: ['query', 'api', 'model', 'ui'],
  pages: ['editors', 'panels', 'query', 'api', 'model', 'ui'],
};
const fileLinesMax = 800;
const componentLinesMax = 250;

function* walk(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* walk(path);
    else if (/\.(ts|tsx|css)$/.test(name)) yield path;
  }
}

const problems = [];
for (const path of walk(root)) {
  const name = relative(root, path);
  const layer = name.split(sep)[0];
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n').length;
  if (!/^(\/\*\*|\/\/|\/\*)/.test(text)) problems.push(`${name}: open the file with a comment that says what it is`);
  if (lines > fileLinesMax) problems.push(`${name}: ${lines} lines, at most ${fileLinesMax}`);
  if (name.endsWith('.tsx') && lines > componentLinesMax) problems.push(`${name}: ${lines} lines, a component has at most ${componentLinesMax}`);
  if (!(layer in allowed)) {
    problems.push(`${name}: not in a known folder (${Object.keys(allowed).join(', ')})`);
    continue;
  }
  for (const [, from] of text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)) {
    const target = normalize(join(dirname(name), from)).split(sep)[0];
    if (target !== layer && !allowed[layer].includes(target)) problems.push(`${name}: ${layer} must not import from ${target} (${from})`);
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log('layers: imports point down, sizes are in bounds');
