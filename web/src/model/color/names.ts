/** Colours by name: Grafana's names (`green`, `dark-red`, `semi-dark-orange`) as values of our own that fit the theme. */
export type Theme = 'light' | 'dark';

/** The eight series colours; the same hue in both themes, told apart under colour-blind sight. */
export const series: Record<Theme, readonly string[]> = {
  light: ['#11a0bb', '#6a4901', '#855ead', '#da767e', '#324993', '#8f8814', '#7d2952', '#0a794e'],
  dark: ['#54dffe', '#bc8826', '#865fae', '#bd5c66', '#7996e8', '#d6cf69', '#f595bd', '#4bb683'],
};

const hues: Record<Theme, Record<string, string>> = {
  light: { red: '#c23a30', orange: '#cf6a17', yellow: '#b98a00', green: '#2b8347', blue: '#2f66b5', purple: '#7b52ab' },
  dark: { red: '#f2685c', orange: '#f0944a', yellow: '#e6be4d', green: '#62b97c', blue: '#6f9fee', purple: '#ab85d6' },
};

type Rgb = [number, number, number];

/** Red, green, blue (0 to 255) of `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(…)`; undefined for anything else. */
export function parseColor(color: string): Rgb | undefined {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(color.trim())?.[1];
  if (hex !== undefined) {
    const long = hex.length <= 4 ? [...hex].map((c) => c + c).join('') : hex;
    if (long.length < 6) return undefined;
    return [0, 2, 4].map((i) => parseInt(long.slice(i, i + 2), 16)) as Rgb;
  }
  const m = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(color);
  return m ? [Number(m[1]), Number(m[2]), Number(m[3])] : undefined;
}

const toHex = (rgb: Rgb): string => `#${rgb.map((c) => Math.round(Math.min(255, Math.max(0, c))).toString(16).padStart(2, '0')).join('')}`;

/** Mixes two colours; `share` 0 is the first, 1 the second. */
export function mix(a: string, b: string, share: number): string {
  const x = parseColor(a);
  const y = parseColor(b);
  if (!x || !y) return a;
  return toHex([x[0] + (y[0] - x[0]) * share, x[1] + (y[1] - x[1]) * share, x[2] + (y[2] - x[2]) * share]);
}

/** How much of what lies behind it a colour covers, 0 to 1. */
export function alphaOf(color: string): number {
  const hex = /^#(?:[0-9a-f]{3}([0-9a-f])|[0-9a-f]{6}([0-9a-f]{2}))$/i.exec(color.trim());
  if (hex) return parseInt(hex[1] === undefined ? (hex[2] ?? 'ff') : hex[1] + hex[1], 16) / 255;
  const part = /^rgba?\(\s*[\d.]+[\s,]+[\d.]+[\s,]+[\d.]+[\s,/]+([\d.]+)(%?)\s*\)$/i.exec(color.trim());
  return part ? Math.min(1, Number(part[1]) / (part[2] === '%' ? 100 : 1)) : 1;
}

/** The colour with an opacity of 0 to 1; one that lets something through already lets more through. */
export function withAlpha(color: string, alpha: number): string {
  const rgb = parseColor(color);
  const own = alphaOf(color);
  return rgb ? `rgba(${rgb[0]},${rgb[1]},${rgb[2]},${own === 1 ? alpha : Number((alpha * own).toFixed(4))})` : color;
}

/** For areas and lines across a chart: the opacity its author gave the colour, else this one. */
export const withOwnAlpha = (color: string, alpha: number): string => (alphaOf(color) < 1 ? color : withAlpha(color, alpha));

/** Relative luminance as WCAG defines it. */
function luminance(color: string): number {
  const rgb = parseColor(color) ?? [255, 255, 255];
  const [r, g, b] = rgb.map((c) => {
    const s = c / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Ink that can be read on that ground. */
export function inkOn(color: string): string {
  const l = luminance(color);
  return (l + 0.05) / (luminance('#14181e') + 0.05) > 1.05 / (l + 0.05) ? '#14181e' : '#ffffff';
}

const contrast = (a: string, b: string): number => {
  const x = luminance(a) + 0.05;
  const y = luminance(b) + 0.05;
  return x > y ? x / y : y / x;
};
const ground: Record<Theme, string> = { light: '#ffffff', dark: '#181c22' };

/** What is seen of the colour on a panel. */
export function overPanel(color: string, theme: Theme): string {
  const alpha = alphaOf(color);
  return alpha === 1 ? color : mix(ground[theme], color, alpha);
}

/** The colour as ink on a panel: moved towards black or white until it can be read. Large text needs less. */
export function readable(color: string, theme: Theme, large: boolean): string {
  if (!parseColor(color)) return color;
  // Words are there to be read, also where a threshold is "transparent".
  if (alphaOf(color) < 0.3) return resolveColor('text', theme);
  const wanted = large ? 3 : 4.5;
  const end = theme === 'light' ? '#000000' : '#ffffff';
  for (let share = 0; share < 1; share += 0.05) {
    const tone = share === 0 ? color : mix(color, end, share);
    if (contrast(tone, ground[theme]) >= wanted) return tone;
  }
  return end;
}

const shades: Record<string, [string, number]> = { 'super-light': ['#ffffff', 0.5], light: ['#ffffff', 0.25], 'semi-dark': ['#000000', 0.16], dark: ['#000000', 0.32] };

/** The value of a colour a dashboard names; CSS colours pass through. */
export function resolveColor(name: string, theme: Theme): string {
  const key = name.trim();
  const base = hues[theme][key];
  if (base !== undefined) return base;
  const shaded = /^(super-light|light|semi-dark|dark)-(red|orange|yellow|green|blue|purple)$/.exec(key);
  if (shaded?.[1] !== undefined && shaded[2] !== undefined) {
    const hue = hues[theme][shaded[2]];
    const shade = shades[shaded[1]];
    if (hue !== undefined && shade) return mix(hue, shade[0], shade[1]);
  }
  if (key === 'text') return theme === 'light' ? '#1e242c' : '#e7e5df';
  if (key === 'panel-bg' || key === 'transparent') return key === 'transparent' ? 'rgba(0,0,0,0)' : theme === 'light' ? '#ffffff' : '#181c22';
  return key;
}
