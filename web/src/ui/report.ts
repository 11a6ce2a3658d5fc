/** Where errors of the page's own code go: the browser's console. */

export function report(what: string, error: unknown, ...more: unknown[]): void {
  // oxlint-disable-next-line no-console -- the one place that writes there
  console.error(what, error, ...more);
}
