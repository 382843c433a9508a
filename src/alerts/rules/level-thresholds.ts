/** The lines of each level, checked for their order. */
import { ALERT_LEVELS, rank } from '../../plugin/notification.ts';

import type { Direction, Lines } from './conditions.ts';
import { defaultClear, parseLimit } from './limit.ts';
import { RuleFault } from './rule-fault.ts';
import type { Threshold } from './rule.ts';
import type { RuleConfig } from './schema.ts';

type Path = readonly (string | number)[];
type Written = RuleConfig['above'];

/** @throws RuleFault for a limit that does not fit the unit, a clear line on the wrong side, levels in the wrong order */
export function linesOf(written: Written, direction: Direction, unit: string, path: Path): Lines {
  const entries = ALERT_LEVELS.flatMap((level) => {
    const line = written?.[level];
    return line === undefined ? [] : [[level, lineOf(line, direction, unit, [...path, level])] as const];
  });
  if (entries.length === 0) throw new RuleFault('There is no level in it', path, 'write "warning: 90"');
  for (const [level, { at }] of entries) {
    const lower = entries.find(([other, line]) => rank(other) < rank(level) && !isMore(at, line.at, direction));
    if (lower === undefined) continue;
    const [lowerLevel, { at: lowerAt }] = lower;
    const relation = direction === 'above' ? 'above' : 'below';
    throw new RuleFault(`The limit of ${level} (${at}) must be ${relation} that of ${lowerLevel} (${lowerAt})`, [
      ...path,
      level,
    ]);
  }
  return Object.fromEntries(entries);
}

export function readLimit(written: number | string, unit: string, path: Path): number {
  try {
    return parseLimit(written, unit);
  } catch (error) {
    throw new RuleFault((error as Error).message, path);
  }
}

function lineOf(
  line: NonNullable<NonNullable<Written>['warning']>,
  direction: Direction,
  unit: string,
  path: Path,
): Threshold {
  if (typeof line !== 'object') {
    const at = readLimit(line, unit, path);
    return { at, clear: defaultClear(at, unit, direction) };
  }
  const at = readLimit(line.at, unit, [...path, 'at']);
  const clear =
    line.clear === undefined ? defaultClear(at, unit, direction) : readLimit(line.clear, unit, [...path, 'clear']);
  if (clear !== at && isMore(clear, at, direction)) {
    const side = direction === 'above' ? 'above' : 'below';
    throw new RuleFault(
      `It could never end: "clear" (${clear}) lies ${side} the limit (${at})`,
      [...path, 'clear'],
      `choose a value ${direction === 'above' ? 'below' : 'above'} ${at}`,
    );
  }
  return { at, clear };
}

function isMore(a: number, b: number, direction: Direction): boolean {
  return direction === 'above' ? a > b : a < b;
}
