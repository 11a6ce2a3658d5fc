/** The worker that lays out graphs, so that the page keeps answering. */
import { layoutGraph, type LayoutRequest } from './layout';
import { wordsOf } from '../../model/errors';

const scope = self as unknown as { onmessage: ((e: MessageEvent<LayoutRequest>) => void) | null; postMessage: (message: unknown, options: { transfer: [] }) => void };
scope.onmessage = (e) => {
  try {
    scope.postMessage({ layout: layoutGraph(e.data) }, { transfer: [] });
  } catch (error) {
    scope.postMessage({ problem: wordsOf(error) }, { transfer: [] });
  }
};
