/** What to write so that a terminal which shows one canvas shows another. */
import { COVERED, type Canvas } from './canvas.ts';
import type { Pen, Style } from './style.ts';

/** A move costs some 7 bytes, so a shorter run of equal cells is written again. */
const SHORTEST_SKIP = 6;

const PLAIN_GLYPH = /^[\x20-\x7e\u2500-\u259f\u2800-\u28ff]$/;

/** @param before what the terminal shows; undefined if that is not known, or it has another size */
export function changesBetween(before: Canvas | undefined, after: Canvas, pen: Pen): string {
  const isKnown = before !== undefined && before.width === after.width && before.height === after.height;
  const writer = new ChangeWriter(after, pen);
  for (let row = 0; row < after.height; row += 1) {
    for (let column = 0; column < after.width; column += 1) {
      const index = row * after.width + column;
      const isSame =
        isKnown && before.glyphs[index] === after.glyphs[index] && before.styles[index] === after.styles[index];
      if (!isSame) writer.cell(row, column);
    }
  }
  return writer.end(isKnown);
}

class ChangeWriter {
  readonly #canvas: Canvas;
  readonly #pen: Pen;
  #text = '';
  #row = -1;
  /** Where the cursor is; -1 if that is not certain. */
  #column = -1;
  #style: Style | undefined;

  constructor(canvas: Canvas, pen: Pen) {
    this.#canvas = canvas;
    this.#pen = pen;
  }

  cell(row: number, column: number): void {
    const index = row * this.#canvas.width + column;
    // Written with its left half.
    if (this.#canvas.glyphs[index] === COVERED) return;
    this.#moveTo(row, column);
    this.#write(index);
  }

  end(isKnown: boolean): string {
    if (this.#text === '' && isKnown) return '';
    return `${isKnown ? '' : '\x1b[0m\x1b[2J'}${this.#text}\x1b[0m`;
  }

  #moveTo(row: number, column: number): void {
    if (row === this.#row && this.#column >= 0 && this.#column <= column && column - this.#column < SHORTEST_SKIP) {
      while (this.#column < column) this.#write(row * this.#canvas.width + this.#column);
      if (this.#column === column) return;
    }
    this.#text += `\x1b[${row + 1};${column + 1}H`;
    this.#row = row;
    this.#column = column;
  }

  #write(index: number): void {
    const glyph = this.#canvas.glyphs[index] ?? ' ';
    const style = this.#canvas.styles[index] ?? 0;
    if (style !== this.#style) this.#text += this.#pen.set(style);
    this.#style = style;
    this.#text += glyph;
    // Terminals differ in how wide they draw other characters, so the next cell is addressed.
    const isCertain = PLAIN_GLYPH.test(glyph) && this.#column + 1 < this.#canvas.width;
    this.#column = isCertain ? this.#column + 1 : this.#canvas.width + 1;
  }
}
