/** What the measured page notes about itself, and what the browser says about its main thread. */

/** Runs in every page before its own code: when panels are painted, and tasks longer than 50 ms. */
export function noteTimes() {
  const seen = { first: undefined, all: undefined, long: [], frames: [] };
  globalThis.bench = seen;
  new PerformanceObserver((list) => seen.long.push(...list.getEntries().map((e) => e.duration))).observe({ type: 'longtask', buffered: true });
  const painted = (panel) => panel.dataset.state === 'ready' && panel.querySelector('.panel-host')?.childElementCount > 0;
  const look = () => {
    const panels = [...document.querySelectorAll('section.panel')];
    const inSight = panels.filter((p) => { const box = p.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight; });
    const done = inSight.filter(painted).length;
    if (done > 0) seen.first ??= performance.now();
    if (done > 0 && done === inSight.length) seen.all ??= performance.now();
    // Looking costs too: none of it once everything is there.
    if (seen.all === undefined) setTimeout(look, 8);
  };
  setTimeout(look, 0);
}

/** The main thread in CPU seconds, by the debugger. */
export async function mainThread(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async () => Object.fromEntries((await session.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]));
  return {
    read,
    /** Heap in use, MB, after everything that can go has gone. */
    heap: async () => {
      await session.send('HeapProfiler.collectGarbage');
      await session.send('HeapProfiler.collectGarbage');
      return (await read()).JSHeapUsedSize / 1e6;
    },
    /** CPU milliseconds of the main thread while something happens: all, and scripts alone. */
    during: async (run) => {
      const before = await read();
      const result = await run();
      const after = await read();
      return { result, task: (after.TaskDuration - before.TaskDuration) * 1000, script: (after.ScriptDuration - before.ScriptDuration) * 1000, layouts: after.LayoutCount - before.LayoutCount };
    },
  };
}

/** Milliseconds between the frames while something happens. */
export async function frames(page, run) {
  await page.evaluate(() => {
    const times = [];
    globalThis.benchFrames = times;
    let last = performance.now();
    const next = (now) => {
      times.push(now - last);
      last = now;
      if (globalThis.benchFrames === times) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await run();
  return page.evaluate(() => {
    const times = globalThis.benchFrames;
    globalThis.benchFrames = undefined;
    return times.slice(1);
  });
}
