/**
 * The style of a cell, packed into a number so that cells compare fast: bits 0–7 colour of the text, 8–15 of the ground, both as
 * positions in `COLOURS`, then bold, reverse and underline.
 */
import { COLOURS, sgrColour, type Colour, type ColourDepth, type Ground } from './colours.ts';

export type Style = number;

const BOLD = 1 << 16;
const REVERSE = 1 << 17;
const UNDERLINE = 1 << 18;

export interface StyleOptions {
  readonly bold?: boolean;
  readonly reverse?: boolean;
  readonly underline?: boolean;
}

export const PLAIN: Style = 0;

export function style(colour: Colour, { bold = false, reverse = false, underline = false }: StyleOptions = {}): Style {
  return COLOURS.indexOf(colour) | (bold ? BOLD : 0) | (reverse ? REVERSE : 0) | (underline ? UNDERLINE : 0);
}

/** The same text on the ground of the selected row. */
export function selected(given: Style): Style {
  return (given & ~0xff00) | (COLOURS.indexOf('hover') << 8);
}

/** Writes styles as SGR for one terminal. */
export class Pen {
  readonly #depth: ColourDepth;
  readonly #ground: Ground;
  readonly #known = new Map<Style, string>();

  constructor(depth: ColourDepth, ground: Ground) {
    this.#depth = depth;
    this.#ground = ground;
  }

  /** Sets this style whatever was set before. */
  set(wanted: Style): string {
    let text = this.#known.get(wanted);
    if (text === undefined) {
      text = `\x1b[${this.#parameters(wanted).join(';')}m`;
      this.#known.set(wanted, text);
    }
    return text;
  }

  #parameters(wanted: Style): readonly string[] {
    const [text, ground] = [COLOURS[wanted & 0xff] ?? 'ink', COLOURS[(wanted >> 8) & 0xff] ?? 'ink'];
    // A ground of its own would hide text in one of 16 colours.
    const hasGround = ground !== 'ink' && (this.#depth === '256' || this.#depth === 'true');
    const isReverse = (wanted & REVERSE) !== 0 || (ground !== 'ink' && !hasGround);
    return [
      '0',
      ...((wanted & BOLD) !== 0 ? ['1'] : []),
      ...((wanted & UNDERLINE) !== 0 ? ['4'] : []),
      ...(isReverse ? ['7'] : []),
      ...this.#colour(text, 'text'),
      ...(hasGround ? this.#colour(ground, 'ground') : []),
    ];
  }

  #colour(colour: Colour, on: 'text' | 'ground'): readonly string[] {
    if (colour === 'ink' || this.#depth === 'none') return [];
    return [sgrColour(colour, on, this.#depth, this.#ground)];
  }
}
