/** Whether this browser's menu is folded, and how much room it takes. */
export const railKey = 'orrery.rail';

export function railFolded(): boolean {
  try {
    return localStorage.getItem(railKey) === 'true';
  } catch {
    // Storage can be forbidden.
    return false;
  }
}

/** CSS pixels beside the page, as in pages.css and tokens.css. */
export const railWidth = (folded: boolean): number => (folded ? 56 : 208);
