/** CPU time of processes from /proc, and the load of the machine beside it. */
import { readFileSync, readdirSync } from 'node:fs';

/** Linux counts in hundredths of a second towards user space, whatever the kernel's own tick is. */
const ticksPerSecond = 100;

function stat(pid) {
  try {
    // The name in brackets may hold anything, so what follows the last bracket counts.
    const rest = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return { parent: Number(rest[1]), ticks: Number(rest[11]) + Number(rest[12]) };
  } catch {
    return undefined;
  }
}

/** Seconds of CPU that a process and all that it started have used so far. */
export function cpuSeconds(root) {
  const all = new Map(readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => [Number(name), stat(name)]));
  const belongs = (pid) => {
    for (let at = pid; at > 1; at = all.get(at)?.parent ?? 0) if (at === root) return true;
    return false;
  };
  let ticks = 0;
  for (const [pid, found] of all) if (found && belongs(pid)) ticks += found.ticks;
  return ticks / ticksPerSecond;
}

export const load = () => readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 1).join('');

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
export const percentile = (values, p) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))];
