/** Build of the web UI: two pages (shell and login), hashed assets, a classic script in the head that paints the theme before the first frame. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Puts `entries/early.js` into each page's head: a file, not an inline script, so the content policy needs no exception. It stands
 * behind the boot data where there are any.
 */
function earlyScript(): Plugin {
  const source = readFileSync(here('entries/early.js'), 'utf8');
  const code = source.replace(/\/\*\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '').replace(/\n\s*/g, '\n').trim();
  const name = `assets/early-${createHash('sha256').update(code).digest('hex').slice(0, 8)}.js`;
  const bootMark = '<!--boot-->';
  return {
    name: 'orrery-early-script',
    configureServer(server) {
      server.middlewares.use(`/${name}`, (_request, response) => {
        response.setHeader('content-type', 'text/javascript');
        response.end(code);
      });
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: name, source: code });
    },
    transformIndexHtml(html) {
      if (!html.includes(bootMark)) return [{ tag: 'script', attrs: { src: `/${name}` }, injectTo: 'head-prepend' }];
      return html.replace(bootMark, `${bootMark}\n    <script src="/${name}"></script>`);
    },
  };
}

/** Pages that are no part of the shell: what they share with it stays in chunks that hold nothing else. */
const otherEntries = ['entries/login.ts', 'entries/prometheus/main.ts'];

interface Modules {
  getModuleInfo: (id: string) => { importedIds: readonly string[] } | null;
}

/** Everything a module imports statically, to the end, itself included. */
function closureOf(start: string, modules: Modules): Set<string> {
  const seen = new Set<string>();
  const queue = [start];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    queue.push(...(modules.getModuleInfo(id)?.importedIds ?? []));
  }
  return seen;
}

const openingChunk = 'opening';
const reactChunk = 'react';
let groups: { opening: Set<string>; shell: Set<string> } | undefined;
/**
 * What the shell needs before it shows anything are three files. A small one asks the first query while the browser still reads the
 * others; React is apart because browsers read files beside each other. Left alone, every module that some later page needs as well
 * becomes a file of its own: two dozen small ones, which keep the connections busy that the dashboard and its first query wait for.
 */
function chunkName(id: string, modules: Modules): string | null {
  if (!groups) {
    groups = { opening: closureOf(here('entries/opening.ts'), modules), shell: closureOf(here('entries/app.tsx'), modules) };
    for (const entry of otherEntries) {
      for (const shared of closureOf(here(entry), modules)) {
        groups.opening.delete(shared);
        groups.shell.delete(shared);
      }
    }
  }
  if (groups.opening.has(id)) return openingChunk;
  if (!groups.shell.has(id)) return null;
  return /\/node_modules\/(react|react-dom|scheduler)\//.test(id) ? reactChunk : 'shell';
}

/**
 * Of these files most functions are called before the first panel shows: the browser compiles them while it reads, beside the main
 * thread, instead of one by one when they are called. Browsers that do not know the comment pass over it.
 */
function compiledAtOnce(): Plugin {
  const chunks = new Set([openingChunk, reactChunk]);
  return {
    name: 'orrery-compiled-at-once',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) if (file.type === 'chunk' && chunks.has(file.name)) file.code = `//# allFunctionsCalledOnLoad\n${file.code}`;
    },
  };
}

/** The small file that asks the first query comes before the others, whatever the order of their imports. */
function openingFirst(): Plugin {
  const tag = new RegExp(`\\n *<script type="module"[^>]*/${openingChunk}-[^>]*></script>`);
  return {
    name: 'orrery-opening-first',
    transformIndexHtml: {
      order: 'post',
      handler(html) {
        const [own] = tag.exec(html) ?? [];
        return own === undefined ? html : html.replace(own, '').replace(/\n *<script type="module"/, (first) => own + first);
      },
    },
  };
}

export default defineConfig({
  root: here('entries'),
  publicDir: false,
  appType: 'mpa',
  plugins: [react(), earlyScript(), compiledAtOnce(), openingFirst()],
  server: { proxy: { '/api': process.env['ORRERY_URL'] ?? 'http://127.0.0.1:3900' } },
  build: {
    outDir: here('dist'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: { codeSplitting: { groups: [{ name: chunkName, includeDependenciesRecursively: false }] } },
      input: { app: here('entries/app.html'), opening: here('entries/opening.ts'), login: here('entries/login.html'), prometheus: here('entries/prometheus.html') },
    },
  },
  test: {
    root: here('.'),
    include: ['test/unit/**/*.test.{ts,tsx}'],
    environment: 'node',
  },
});
