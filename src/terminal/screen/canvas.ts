/** A screen of cells in memory. Everything that is drawn is clipped to it. */
import { printable } from '../../core/printable.ts';

import { PLAIN, type Style } from './style.ts';
import { fitText, graphemesOf, graphemeWidth, isPlain } from './width.ts';

/** The right half of a wide character. */
export const COVERED = '';

const ASCII = /^[\x20-\x7e]*$/;

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export class Canvas {
  readonly width: number;
  readonly height: number;
  /** One grapheme for each cell, row by row. */
  readonly glyphs: string[];
  readonly styles: Uint32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.glyphs = new Array<string>(width * height).fill(' ');
    this.styles = new Uint32Array(width * height);
  }

  clear(): void {
    this.glyphs.fill(' ');
    this.styles.fill(PLAIN);
  }

  /**
   * Writes one line of text, which may come from outside: what a terminal would execute is shown instead.
   *
   * @param width columns at most; what is longer is cut with `…`
   * @returns columns taken
   */
  text(x: number, y: number, text: string, style: Style, width = this.width - x): number {
    if (y < 0 || y >= this.height || x >= this.width || width <= 0) return 0;
    const safe = ASCII.test(text) ? text : printable(text);
    const fitted = fitText(safe, Math.min(width, this.width - x));
    let at = x;
    if (isPlain(fitted)) {
      for (const glyph of fitted) this.#put(at++, y, glyph, 1, style);
      return at - x;
    }
    for (const grapheme of graphemesOf(fitted)) {
      const columns = graphemeWidth(grapheme);
      this.#put(at, y, grapheme, columns, style);
      at += columns;
    }
    return at - x;
  }

  /** Gives cells another style. */
  restyle({ x, y, width, height }: Area, change: (style: Style) => Style): void {
    for (let row = Math.max(0, y); row < Math.min(this.height, y + height); row += 1) {
      for (let column = Math.max(0, x); column < Math.min(this.width, x + width); column += 1) {
        const index = row * this.width + column;
        this.styles[index] = change(this.styles[index] ?? PLAIN);
      }
    }
  }

  /** The rows as plain text, without spaces at their ends. */
  rows(): readonly string[] {
    return Array.from({ length: this.height }, (_, row) =>
      this.glyphs
        .slice(row * this.width, (row + 1) * this.width)
        .join('')
        .trimEnd(),
    );
  }

  #put(x: number, y: number, glyph: string, columns: number, style: Style): void {
    if (x < 0 || x + columns > this.width) return;
    const index = y * this.width + x;
    // Half of a wide character cannot stay.
    if (this.glyphs[index] === COVERED && x > 0) this.glyphs[index - 1] = ' ';
    const after = x + columns;
    if (after < this.width && this.glyphs[index + columns] === COVERED) this.glyphs[index + columns] = ' ';
    this.glyphs[index] = glyph;
    this.styles[index] = style;
    if (columns === 2) {
      this.glyphs[index + 1] = COVERED;
      this.styles[index + 1] = style;
    }
  }
}
