// Makes src/api/routes.ts from docs/develop/portal-api.json, the server's own list of its routes.
// `--check` only says whether the file is up to date.
import { readFileSync, writeFileSync } from 'node:fs';

const source = new URL('../../../docs/develop/portal-api.json', import.meta.url);
const target = new URL('../../src/api/routes.ts', import.meta.url);

const { paths } = JSON.parse(readFileSync(source, 'utf8'));
const routes = Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
const text = `/** Every route of the portal. Made by test/tools/routes.mjs from docs/develop/portal-api.json; do not edit. */
export type Route =
${routes.map((route) => `  | '${route}'`).join('\n')};
`;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('src/api/routes.ts is not up to date: run `npm run routes`');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
