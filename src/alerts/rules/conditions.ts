/** Numbers against the lines of each level. */
import { ALERT_LEVELS, type AlertLevel, type Level } from '../../plugin/notification.ts';

import type { Threshold } from './rule.ts';

export type Lines = Readonly<Partial<Record<AlertLevel, Threshold>>>;
export type Direction = 'above' | 'below';

/** The highest first. */
export const DOWNWARDS = ALERT_LEVELS.toReversed();

/** The highest level of which `holds` is true. */
export function highestLevel(holds: (level: AlertLevel) => boolean): Level {
  return DOWNWARDS.find(holds) ?? 'ok';
}

/** Equal is not beyond: a limit of 90 is passed by 90.1. */
export function isBeyond(value: number, line: number, direction: Direction): boolean {
  return direction === 'above' ? value > line : value < line;
}

/** A further condition of a rule, on a number that comes with the one that is judged. */
export interface Condition {
  readonly operand: number;
  readonly direction: Direction;
  /** The lines of each level, or one for all. */
  readonly lines: Lines | Threshold;
}

/** @param part `at` for the trigger, `clear` for what holds */
export function isMet(
  { direction, lines }: Condition,
  value: number | undefined,
  level: AlertLevel,
  part: keyof Threshold,
): boolean {
  const line = isOne(lines) ? lines : lines[level];
  // A level without a line of its own is not restricted by this condition.
  return line === undefined || (value !== undefined && isBeyond(value, line[part], direction));
}

function isOne(lines: Lines | Threshold): lines is Threshold {
  return 'at' in lines;
}
