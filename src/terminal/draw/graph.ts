/**
 * Graphs of numbers in text. Braille has two columns and four rows of dots in each cell; without it, a cell is one value and
 * three steps high. NaN is a gap.
 */

export interface Scale {
  readonly low: number;
  readonly high: number;
}

/** Steps of each value. */
type Heights = Uint16Array;

/** Bits of no to four dots from the bottom, 7 3 2 1 and 8 6 5 4: Unicode, Braille Patterns. */
const LEFT = [0, 0x40, 0x44, 0x46, 0x47];
const RIGHT = [0, 0x80, 0xa0, 0xb0, 0xb8];
const BRAILLE = 0x2800;
const DOTS_PER_CELL = 4;

const ASCII_STEPS = [' ', '.', ':', '|'] as const;

const BARS = '▁▂▃▄▅▆▇█';
const ASCII_BARS = '_.-:=+*#';

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** How many values a graph of this width shows. */
export function graphCapacity(width: number, isUnicode: boolean): number {
  return isUnicode ? width * 2 : width;
}

/**
 * A filled graph, the newest value at the right.
 *
 * @param values oldest first; those that do not fit are left out
 * @returns rows from the top, each of `width` characters
 */
export function areaGraph(
  values: readonly number[],
  { width, height }: { readonly width: number; readonly height: number },
  scale: Scale,
  isUnicode: boolean,
): readonly string[] {
  const capacity = graphCapacity(width, isUnicode);
  const shown = values.slice(-capacity);
  const steps = height * (isUnicode ? DOTS_PER_CELL : ASCII_STEPS.length - 1);
  const heights = new Uint16Array(capacity);
  shown.forEach((value, index) => (heights[capacity - shown.length + index] = stepsOf(value, scale, steps)));
  const cell = isUnicode ? brailleCell : asciiCell;
  const rows: string[] = [];
  for (let row = height - 1; row >= 0; row -= 1) {
    let text = '';
    for (let column = 0; column < width; column += 1) text += cell(heights, column, row);
    rows.push(text);
  }
  return rows;
}

/** What is not zero has at least one dot. */
function stepsOf(value: number, { low, high }: Scale, steps: number): number {
  if (Number.isNaN(value)) return 0;
  const share = (value - low) / (high - low || 1);
  return share <= 0 ? 0 : Math.min(steps, Math.max(1, Math.round(share * steps)));
}

function brailleCell(heights: Heights, column: number, row: number): string {
  const bits = (LEFT[dotsIn(heights, column * 2, row)] ?? 0) | (RIGHT[dotsIn(heights, column * 2 + 1, row)] ?? 0);
  return bits === 0 ? ' ' : String.fromCharCode(BRAILLE + bits);
}

function dotsIn(heights: Heights, index: number, row: number): number {
  return Math.max(0, Math.min(DOTS_PER_CELL, (heights[index] ?? 0) - row * DOTS_PER_CELL));
}

function asciiCell(heights: Heights, column: number, row: number): string {
  const most = ASCII_STEPS.length - 1;
  return ASCII_STEPS[Math.max(0, Math.min(most, (heights[column] ?? 0) - row * most))] ?? ' ';
}

/** One row of one character for each value. */
export function bars(values: readonly number[], scale: Scale, isUnicode: boolean): string {
  const steps = isUnicode ? BARS : ASCII_BARS;
  return values
    .map((value) => (Number.isNaN(value) ? ' ' : (steps[Math.max(0, stepsOf(value, scale, steps.length) - 1)] ?? ' ')))
    .join('');
}

/** The filled part of a meter, and the rest. */
export function meter(share: number, width: number, isUnicode: boolean): readonly [filled: string, rest: string] {
  const bounded = Number.isNaN(share) ? 0 : Math.min(1, Math.max(0, share));
  if (!isUnicode) {
    const cells = Math.round(bounded * width);
    return ['#'.repeat(cells), '-'.repeat(width - cells)];
  }
  const eighths = Math.round(bounded * width * 8);
  const filled = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  return [filled, '─'.repeat(width - filled.length)];
}

/** Steps on which people count. */
const NICE = [1, 1.5, 2, 3, 4, 6, 8, 10] as const;

/** The smallest of 1, 1.5, 2, 3, 4, 6, 8 × a power of ten (of 1024 and ten for bytes) that is at least this. */
export function niceMaximum(value: number, unit: string): number {
  if (!(value > 0)) return 1;
  const isBytes = unit.startsWith('bytes');
  const base = isBytes ? 1024 ** Math.max(0, Math.floor(Math.log2(value) / 10)) : 1;
  const power = 10 ** Math.floor(Math.log10(value / base));
  const step = NICE.find((candidate) => candidate * power * base >= value) ?? 10;
  return Math.min(step * power * base, isBytes && value <= base * 1024 ? base * 1024 : Infinity);
}
