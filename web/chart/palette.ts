/** The colours of canvases, read from the style sheet once for each theme. */
import { signal } from '@preact/signals';

export interface Palette {
  readonly series: readonly string[];
  readonly surface: string;
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly line2: string;
  readonly line3: string;
  readonly grid: string;
  readonly band: string;
  readonly bandLine: string;
  readonly crit: string;
  readonly warn: string;
  readonly accentWeak: string;
  readonly accentLine: string;
  readonly sans: string;
}

export const palette = signal<Palette>(read());

export function readPalette(): void {
  palette.value = read();
}

function read(): Palette {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    series: [1, 2, 3, 4, 5].map((index) => token(`s${index}`)),
    surface: token('surface'),
    ink: token('ink'),
    ink2: token('ink-2'),
    ink3: token('ink-3'),
    line2: token('line-2'),
    line3: token('line-3'),
    grid: token('grid'),
    band: token('band'),
    bandLine: token('band-line'),
    crit: token('crit'),
    warn: token('warn-fill'),
    accentWeak: token('accent-weak'),
    accentLine: token('accent-line'),
    sans: token('sans'),
  };
}

/** `#rrggbb` with an opacity. */
export function faded(color: string, opacity: number): string {
  return `${color}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')}`;
}

/** `#rrggbb` over another, opaque. */
export function mixed(color: string, ground: string, share: number): string {
  const [a, b] = [channels(color), channels(ground)];
  return `rgb(${a.map((value, index) => Math.round(value * share + (b[index] ?? 0) * (1 - share))).join(' ')})`;
}

function channels(color: string): readonly number[] {
  const hex = color.length === 4 ? color.replace(/[0-9a-f]/gi, '$&$&') : color;
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) || 0);
}
