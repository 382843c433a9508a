/** Compares numbers with the thresholds of each level. */
import { ALERT_LEVELS, type AlertLevel, type Level } from '../../plugin/notification.ts';

import type { Threshold } from './rule.ts';

export type LevelThresholds = Readonly<Partial<Record<AlertLevel, Threshold>>>;
export type Direction = 'above' | 'below';

/** The highest first. */
export const DOWNWARDS = ALERT_LEVELS.toReversed();

/** The highest level for which `holds` is true. */
export function highestLevel(holds: (level: AlertLevel) => boolean): Level {
  return DOWNWARDS.find(holds) ?? 'ok';
}

/** Equal is not beyond: a threshold of 90 is exceeded by 90.1. */
export function isBeyond(value: number, threshold: number, direction: Direction): boolean {
  return direction === 'above' ? value > threshold : value < threshold;
}

/** A condition of `and`, on another operand of the rule. */
export interface Condition {
  readonly operand: number;
  readonly direction: Direction;
  /** Thresholds for each level, or one for all levels. */
  readonly thresholds: LevelThresholds | Threshold;
}

/** @param part `at` to reach a level, `clear` to hold it */
export function isMet(
  { direction, thresholds }: Condition,
  value: number | undefined,
  level: AlertLevel,
  part: keyof Threshold,
): boolean {
  const threshold = isSingle(thresholds) ? thresholds : thresholds[level];
  // The condition does not apply to a level without a threshold.
  return threshold === undefined || (value !== undefined && isBeyond(value, threshold[part], direction));
}

function isSingle(thresholds: LevelThresholds | Threshold): thresholds is Threshold {
  return 'at' in thresholds;
}
