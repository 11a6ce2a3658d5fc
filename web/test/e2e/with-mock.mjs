/** Runs the browser test against the mock server, on a port of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const probe = createServer().listen(0, '127.0.0.1');
await once(probe, 'listening');
const { port } = probe.address();
probe.close();
await once(probe, 'close');

const mock = spawn(process.execPath, [here('../mock/server.mjs')], { env: { ...process.env, PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] });
await once(mock.stdout, 'data');
const test = spawn(process.execPath, [here('run.mjs')], { env: { ...process.env, ORRERY_URL: `http://127.0.0.1:${port}`, ORRERY_USER: 'admin', ORRERY_PASSWORD: 'admin' }, stdio: 'inherit' });
const [code] = await once(test, 'exit');
mock.kill();
process.exitCode = code ?? 1;
