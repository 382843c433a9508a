/** Reads the thresholds of each level, and checks their order. */
import { ALERT_LEVELS, rank } from '../../plugin/notification.ts';

import { isBeyond, type Direction, type LevelThresholds } from './conditions.ts';
import { defaultClear, parseLimit } from './limit.ts';
import { faultsOf, InvalidRule, RuleFault, UnitFault } from './rule-fault.ts';
import type { Threshold } from './rule.ts';
import type { RuleConfig } from './schema.ts';

type Path = readonly (string | number)[];
type Written = RuleConfig['above'];
/** A threshold of a condition has no `for`. */
type WrittenThreshold =
  number | string | { readonly at: number | string; readonly clear?: number | string | undefined };

/** One threshold for all levels, not one for each. */
export function isThreshold(written: WrittenThreshold | object): written is WrittenThreshold {
  return typeof written !== 'object' || 'at' in written;
}

/**
 * @throws InvalidRule or RuleFault for a limit that does not fit the unit, a clear threshold on the wrong side, or levels in the wrong
 *   order
 */
export function levelThresholds(written: Written, direction: Direction, unit: string, path: Path): LevelThresholds {
  const faults: RuleFault[] = [];
  const entries = ALERT_LEVELS.flatMap((level) => {
    const one = written?.[level];
    if (one === undefined) return [];
    try {
      return [[level, thresholdOf(one, direction, unit, [...path, level])] as const];
    } catch (error) {
      faults.push(...faultsOf(error));
      return [];
    }
  });
  if (faults.length > 0) throw new InvalidRule(faults);
  if (entries.length === 0) throw new RuleFault('At least one level is needed', path, 'write "warning: 90"');
  for (const [level, { at }] of entries) {
    const lower = entries.find(([other, one]) => rank(other) < rank(level) && !isBeyond(at, one.at, direction));
    if (lower === undefined) continue;
    const [lowerLevel, { at: lowerAt }] = lower;
    const message = `The ${level} threshold (${at}) must be ${direction} the ${lowerLevel} threshold (${lowerAt})`;
    throw new RuleFault(message, [...path, level]);
  }
  return Object.fromEntries(entries);
}

export function readLimit(written: number | string, unit: string, path: Path): number {
  try {
    return parseLimit(written, unit);
  } catch (error) {
    throw new UnitFault((error as Error).message, path);
  }
}

/** @throws RuleFault for a limit that does not fit the unit, and for a clear threshold on the wrong side */
export function thresholdOf(written: WrittenThreshold, direction: Direction, unit: string, path: Path): Threshold {
  if (typeof written !== 'object') {
    const at = readLimit(written, unit, path);
    return { at, clear: defaultClear(at, unit, direction) };
  }
  const at = readLimit(written.at, unit, [...path, 'at']);
  const clear =
    written.clear === undefined
      ? defaultClear(at, unit, direction)
      : readLimit(written.clear, unit, [...path, 'clear']);
  if (isBeyond(clear, at, direction)) {
    throw new RuleFault(
      `The alert could never resolve: "clear" (${clear}) is ${direction} the threshold (${at})`,
      [...path, 'clear'],
      `choose a value ${direction === 'above' ? 'below' : 'above'} ${at}`,
    );
  }
  return { at, clear };
}
