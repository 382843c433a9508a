/** What drawing needs to know of the terminal. */
import { style, type Style } from '../screen/style.ts';

export interface Theme {
  /** Whether it draws braille, blocks and lines. */
  readonly isUnicode: boolean;
}

export const INK = style('ink');
export const STRONG = style('ink', { bold: true });
export const QUIET = style('ink2');
export const FAINT = style('ink3');
export const LINE = style('line');
export const ACCENT = style('accent');

export type Level = 'critical' | 'warning' | 'unknown' | 'note' | 'fine' | 'silenced' | 'acknowledged';

/** Each state has a shape besides its colour. */
const SHAPES: Readonly<Record<Level, readonly [unicode: string, ascii: string]>> = {
  critical: ['◆', '!!'],
  warning: ['▲', '!'],
  unknown: ['◌', '?'],
  note: ['i', 'i'],
  fine: ['✓', 'ok'],
  silenced: ['⊘', 'z'],
  acknowledged: ['☑', 'ack'],
};

const LEVEL_STYLES: Readonly<Record<Level, Style>> = {
  critical: style('crit', { bold: true }),
  warning: style('warn', { bold: true }),
  unknown: style('unk'),
  note: style('ink2'),
  fine: style('ink2'),
  silenced: style('ink3'),
  acknowledged: style('ink3'),
};

export function shapeOf(level: Level, { isUnicode }: Theme): string {
  return SHAPES[level][isUnicode ? 0 : 1];
}

export function levelStyle(level: Level): Style {
  return LEVEL_STYLES[level];
}
