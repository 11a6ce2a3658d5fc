/** Errors in words, and where those of the page's own code go: the browser's console. */

export function report(what: string, error: unknown, ...more: unknown[]): void {
  // oxlint-disable-next-line no-console -- the one place that writes there
  console.error(what, error, ...more);
}

/** What went wrong, as a sentence. The model's `wordsOf` is the same for everybody else: what is here imports nothing. */
export const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));
