/** Limits as written (`90%`, `20GiB`) → numbers in the unit of the field. */
import { parseBytes } from '../../core/bytes.ts';
import { parseDuration } from '../../core/duration.ts';

/** Unit → how many of it are a millisecond. */
const PER_MS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e6],
  ['us', 1e3],
  ['ms', 1],
  ['s', 1e-3],
]);

/**
 * @param unit of the field, as in its catalog; empty if it has none or is unknown
 * @throws RangeError if the text does not fit the unit
 */
export function parseLimit(written: number | string, unit: string): number {
  if (typeof written === 'number') return written;
  const limit = limitOf(written.trim(), unit);
  if (!Number.isFinite(limit)) throw new RangeError(`"${written.trim()}" is beyond every number`);
  return limit;
}

function limitOf(trimmed: string, unit: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return Number(trimmed);
  if (/^[+-]?(\d+\.?\d*|\.\d+)\s*%$/.test(trimmed)) {
    if (unit === 'percent' || unit === '') return Number(trimmed.slice(0, -1));
    throw new RangeError(`"${trimmed}" is a percentage, but the field is in ${unit}`);
  }
  const perMs = PER_MS.get(unit);
  if (perMs !== undefined) return parseDuration(trimmed) * perMs;
  if (isInBytes(unit, trimmed)) return parseBytes(trimmed.replace(/\/s$/, ''));
  throw new RangeError(`"${trimmed}" is not a number${unit === '' ? '' : ` in ${unit}`}`);
}

function isInBytes(unit: string, text: string): boolean {
  return unit === '' ? /\d\s*[kmgtp]i?b$/i.test(text) : unit === 'bytes' || unit.startsWith('bytes/');
}

/** The clear threshold if the rule has none: 5 percentage points back, for hosts the limit, for other units 5 % of it. */
export function defaultClear(at: number, unit: string, direction: 'above' | 'below'): number {
  // Hosts are few and whole: with 3 of 3, "fewer than 3" is over.
  if (unit === 'hosts') return at;
  const distance = unit === 'percent' ? 5 : Math.abs(at) * 0.05;
  return direction === 'above' ? at - distance : at + distance;
}
