/** What boxes are drawn with. */
import { formatValue } from '../../plugin/index.ts';
import { meter } from '../draw/graph.ts';
import { FAINT, INK, levelStyle, LINE, STRONG, type Theme } from '../draw/theme.ts';
import type { Area, Canvas } from '../screen/canvas.ts';
import { style, type Style } from '../screen/style.ts';
import { padText, textWidth } from '../screen/width.ts';
import type { Judgement } from '../source/judge.ts';

/** A value that is not known. */
const UNKNOWN = '–';

const FILLED = style('s1');

export class Paint {
  readonly canvas: Canvas;
  readonly theme: Theme;

  constructor(canvas: Canvas, theme: Theme) {
    this.canvas = canvas;
    this.theme = theme;
  }

  /** `cpu ───────── 12 %`; the digit that hides the box is before its name. */
  title({ x, y, width }: Area, name: string, value = '', digit = ''): void {
    const dash = this.theme.isUnicode ? '─' : '-';
    this.canvas.text(x, y, dash.repeat(width), LINE);
    let at = x;
    if (digit !== '') at += this.canvas.text(at, y, `${digit} `, FAINT, width);
    at += this.canvas.text(at, y, `${name} `, STRONG, width - (at - x));
    const room = x + width - at - 1;
    if (value === '' || room < 4) return;
    const text = padText(value, Math.min(room, textWidth(value)), 'left', this.theme.isUnicode ? '…' : '.');
    this.canvas.text(x + width - textWidth(text) - 1, y, ` ${text}`, FAINT);
  }

  /** A meter in the style of what it shows; the rest is a thin line. */
  meter(x: number, y: number, width: number, share: number, judged: Judgement = 'fine'): void {
    if (width <= 0) return;
    const [filled, rest] = meter(share, width, this.theme.isUnicode);
    const taken = this.canvas.text(x, y, filled, judged === 'fine' ? FILLED : levelStyle(judged), width);
    this.canvas.text(x + taken, y, rest, LINE, width - taken);
  }

  /** In a column of this width. */
  right(x: number, y: number, width: number, text: string, of: Style = INK): void {
    this.canvas.text(x, y, padText(text, width, 'right'), of, width);
  }

  left(x: number, y: number, width: number, text: string, of: Style = INK): void {
    this.canvas.text(x, y, text, of, width);
  }
}

/** With its unit; a dash if it is not known. */
export function value(of: number, unit: string): string {
  return Number.isFinite(of) ? formatValue(of, unit) : UNKNOWN;
}

/** Percent without decimals, `7 %`: columns of them do not jump. */
export function percent(of: number): string {
  return Number.isFinite(of) ? `${Math.round(of)} %` : UNKNOWN;
}

export function judgedStyle(judged: Judgement, fine: Style = INK): Style {
  return judged === 'fine' ? fine : levelStyle(judged);
}
