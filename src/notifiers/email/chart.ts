/** Draws the last hour as a PNG: a line with a filled area, and the threshold as a dashed line. Labels are in the HTML. */
import { scaleOf, type Trend } from '../../plugin/index.ts';

import { indexedPng, type Colour } from './png.ts';

/** Twice the displayed size, for high-resolution screens. */
const WIDTH = 1200;
const HEIGHT = 280;
const MARGIN = 16;
/** Shades of an edge. */
const STEPS = 2;
/** Of a palette. Blends of the few inks below never reach it. */
const LAST_INDEX = 255;
/** Half of the line width. Pixels. */
const PEN = 2.2;

const PAPER: Colour = [255, 255, 255];
const INK: Colour = [29, 111, 209];
const LIMIT: Colour = [193, 18, 31];
const GRID: Colour = [209, 217, 224];
/** Fill of the area under the line. */
const SHADE: Colour = [228, 238, 249];

/** @param threshold the scale includes it; undefined for none */
export function drawChart(trend: Trend, unit: string, threshold: number | undefined): Buffer {
  const known = trend.values.filter((value) => value !== null);
  const [low, high] = scaleOf(threshold === undefined ? known : [...known, threshold], unit);
  const span = high - low;
  const toY = (value: number) => HEIGHT - MARGIN - ((value - low) / span) * (HEIGHT - 2 * MARGIN);
  const toX = (index: number) => MARGIN + (index / (trend.values.length - 1)) * (WIDTH - 2 * MARGIN);

  const canvas = new Canvas(WIDTH, HEIGHT);
  for (const share of [0, 0.5, 1]) canvas.horizontal(toY(low + share * span), GRID, 1);
  let before: readonly [number, number] | undefined;
  for (const [index, value] of trend.values.entries()) {
    const point = value === null ? undefined : ([toX(index), toY(value)] as const);
    if (before !== undefined && point !== undefined) canvas.segment(before, point, HEIGHT - MARGIN);
    before = point;
  }
  if (threshold !== undefined) canvas.horizontal(toY(threshold), LIMIT, 1, 18);
  return canvas.png();
}

/** A white canvas with anti-aliased drawing, in as few colours as fit a palette. */
class Canvas {
  readonly #width: number;
  readonly #pixels: Uint8Array;
  readonly #palette: Colour[] = [PAPER];
  /** Colour as a number → index in the palette. */
  readonly #indexes = new Map<number, number>([[keyOf(PAPER), 0]]);

  constructor(width: number, height: number) {
    this.#width = width;
    this.#pixels = new Uint8Array(width * height);
  }

  /** @param dash length of dashes and gaps in pixels; 0 for a solid line */
  horizontal(y: number, colour: Colour, pen: number, dash = 0): void {
    for (let x = MARGIN; x < WIDTH - MARGIN; x += 1) {
      if (dash > 0 && Math.floor(x / dash) % 2 === 1) continue;
      for (let row = Math.floor(y - pen); row <= Math.ceil(y + pen); row += 1) {
        this.#blend(x, row, colour, coverage(Math.abs(row - y), pen));
      }
    }
  }

  /** A segment of the line and the filled area under it. */
  segment([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number], bottom: number): void {
    const length = Math.hypot(x2 - x1, y2 - y1);
    for (let x = Math.round(x1); x < Math.round(x2); x += 1) {
      const y = y1 + ((x - x1) / (x2 - x1)) * (y2 - y1);
      this.#fill(x, Math.ceil(y), bottom);
      // The vertical extent of a line of constant width.
      const reach = (PEN * length) / (x2 - x1);
      for (let row = Math.floor(y - reach); row <= Math.ceil(y + reach); row += 1) {
        this.#blend(x, row, INK, coverage((Math.abs(row - y) * PEN) / reach, PEN));
      }
    }
  }

  png(): Buffer {
    return indexedPng(this.#width, this.#pixels, this.#palette);
  }

  /** Fills a part of a column; without blending, since this is most of the pixels. */
  #fill(x: number, from: number, to: number): void {
    const index = this.#indexOf(SHADE);
    for (let row = from; row < to; row += 1) this.#pixels[row * WIDTH + x] = index;
  }

  #blend(x: number, y: number, colour: Colour, share: number): void {
    if (share <= 0 || y < 0 || y >= HEIGHT || x < 0 || x >= WIDTH) return;
    const offset = y * WIDTH + x;
    const under = this.#palette[this.#pixels[offset] ?? 0] ?? PAPER;
    const mixed = (channel: 0 | 1 | 2) => Math.round(under[channel] + (colour[channel] - under[channel]) * share);
    this.#pixels[offset] = this.#indexOf([mixed(0), mixed(1), mixed(2)]);
  }

  #indexOf(colour: Colour): number {
    const known = this.#indexes.get(keyOf(colour));
    if (known !== undefined) return known;
    if (this.#palette.length > LAST_INDEX) return 0;
    this.#indexes.set(keyOf(colour), this.#palette.length);
    return this.#palette.push(colour) - 1;
  }
}

function keyOf([red, green, blue]: Colour): number {
  return (red << 16) | (green << 8) | blue;
}

/** Share of a pixel that is covered by the pen, in steps, as each step is a colour of the palette. */
function coverage(distance: number, pen: number): number {
  return Math.round(Math.min(1, Math.max(0, pen + 0.5 - distance)) * STEPS) / STEPS;
}
