/** How many decimals a number gets when nobody chose: about three significant digits, none for whole numbers. */

const decimalsMax = 20;

function autoDecimals(value: number): number {
  if (value === 0 || !Number.isFinite(value) || Number.isInteger(value)) return 0;
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  return Math.min(decimalsMax, Math.max(0, 2 - magnitude));
}

/** Fixed-point text. Integers of a chosen width keep it; "-0" never appears. */
export function toFixed(value: number, decimals?: number | null): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
  const places = Math.min(decimalsMax, Math.max(0, decimals ?? autoDecimals(value)));
  // Halves go up, as Grafana rounds; large numbers would lose digits in the product and need no rounding.
  const factor = 10 ** places;
  const rounded = Math.abs(value) * factor < Number.MAX_SAFE_INTEGER ? Math.round(value * factor) / factor : value;
  const text = rounded.toFixed(places);
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}
