/** Asks the worker for a layout; a newer question drops the older one. */
import type { Layout, LayoutRequest } from './layout';

export class Placer {
  private worker: Worker | undefined;

  ask(request: LayoutRequest, done: (layout: Layout) => void, failed: (message: string) => void): void {
    this.stop();
    const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
    this.worker = worker;
    worker.onmessage = (e: MessageEvent<{ layout?: Layout; problem?: string }>) => {
      if (this.worker !== worker) return;
      this.stop();
      if (e.data.layout) done(e.data.layout);
      else failed(e.data.problem ?? 'no answer');
    };
    worker.onerror = (e) => {
      if (this.worker !== worker) return;
      this.stop();
      failed(e.message || 'the layout could not be started');
    };
    worker.postMessage(request, { transfer: [] });
  }

  stop(): void {
    this.worker?.terminate();
    this.worker = undefined;
  }
}
