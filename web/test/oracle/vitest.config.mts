/** The comparison with Grafana's library: its own run, for the library is large and wants a browser's globals. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['*.test.ts'],
    environment: 'happy-dom',
  },
});
