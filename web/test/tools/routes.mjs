// Makes the typed client's types from docs/develop/portal-api.json, the server's own description:
// src/api/routes.ts (which routes there are) and src/api/schema.ts (what each takes and answers).
// `--check` only says whether the files are up to date.
import { readFileSync, writeFileSync } from 'node:fs';

const source = new URL('../../../docs/develop/portal-api.json', import.meta.url);
const { paths } = JSON.parse(readFileSync(source, 'utf8'));
const operations = Object.entries(paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation]));

const scalar = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean', null: 'null' };
const name = (key) => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key).replace(/^"|"$/g, "'"));

/** A JSON schema as a TypeScript type. What the schema leaves open is `unknown`. */
function typeOf(schema) {
  if (schema === undefined || schema === true) return 'unknown';
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(typeOf))].join(' | ');
  if (schema.enum) return schema.enum.map((v) => (typeof v === 'string' ? `'${v}'` : String(v))).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return [...new Set(types.map((type) => {
    if (type === 'array') {
      const item = typeOf(schema.items);
      return item.includes(' | ') ? `(${item})[]` : `${item}[]`;
    }
    if (type !== 'object') return scalar[type] ?? 'unknown';
    const fields = Object.entries(schema.properties ?? {});
    if (fields.length === 0) return 'Record<string, unknown>';
    const required = new Set(schema.required ?? []);
    return `{ ${fields.map(([key, value]) => `${name(key)}${required.has(key) ? '' : '?'}: ${typeOf(value)}`).join('; ')} }`;
  }))].join(' | ');
}

const json = (holder) => holder?.content?.['application/json']?.schema;
const files = {
  'routes.ts': `/** Every route of the portal. Made by test/tools/routes.mjs from docs/develop/portal-api.json; do not edit. */
export type Route =
${operations.map(([route]) => `  | '${route}'`).join('\n')};
`,
  'schema.ts': `/** What the portal's routes take and answer. Made by test/tools/routes.mjs from docs/develop/portal-api.json; do not edit. */

/** The JSON bodies of requests. */
export interface Bodies {
${operations.filter(([, o]) => json(o.requestBody)).map(([route, o]) => `  '${route}': ${typeOf(json(o.requestBody))};`).join('\n')}
}

/** The parameters that stand behind an address. */
export interface Queries {
${operations.map(([route, o]) => [route, (o.parameters ?? []).filter((p) => p.in === 'query')]).filter(([, list]) => list.length > 0).map(([route, list]) => `  '${route}': { ${list.map((p) => `${name(p.name)}${p.required ? '' : '?'}: ${typeOf(p.schema)}`).join('; ')} };`).join('\n')}
}

/** The JSON of answers. */
export interface Answers {
${operations.filter(([, o]) => json(o.responses['200'])).map(([route, o]) => `  '${route}': ${typeOf(json(o.responses['200']))};`).join('\n')}
}
`,
};

for (const [file, text] of Object.entries(files)) {
  const target = new URL(`../../src/api/${file}`, import.meta.url);
  if (!process.argv.includes('--check')) writeFileSync(target, text);
  else if (readFileSync(target, 'utf8') !== text) {
    console.error(`src/api/${file} is not up to date: run \`npm run routes\``);
    process.exit(1);
  }
}
