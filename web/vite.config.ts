/** Build of the web UI: two pages (shell and login), hashed assets, a classic script in the head that paints the theme before the first frame. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Puts `entries/early.js` into each page's head: a file, not an inline script, so the content policy needs no exception. */
function earlyScript(): Plugin {
  const source = readFileSync(here('entries/early.js'), 'utf8');
  const code = source.replace(/\/\*\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '').replace(/\n\s*/g, '\n').trim();
  const name = `assets/early-${createHash('sha256').update(code).digest('hex').slice(0, 8)}.js`;
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
    transformIndexHtml: () => [{ tag: 'script', attrs: { src: `/${name}` }, injectTo: 'head-prepend' }],
  };
}

export default defineConfig({
  root: here('entries'),
  publicDir: false,
  appType: 'mpa',
  plugins: [react(), earlyScript()],
  server: { proxy: { '/api': process.env['ORRERY_URL'] ?? 'http://127.0.0.1:3900' } },
  build: {
    outDir: here('dist'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { app: here('entries/app.html'), login: here('entries/login.html'), prometheus: here('entries/prometheus.html') },
    },
  },
  test: {
    root: here('.'),
    include: ['test/unit/**/*.test.{ts,tsx}'],
    environment: 'node',
  },
});
