/** Values with their units, as notifications write them, in two parts: the unit is set in another colour. */
import { formatValue, humanDuration } from '../../src/plugin/message-text.ts';

export { humanDuration };

/** Keeps a unit with its number. */
export const NO_BREAK = '\u00a0';

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const NAMED: Readonly<Record<string, string>> = { percent: '%', celsius: '°C' };

/** A unit, or words, after the number that they belong to. */
export function after(unit: string): string {
  return unit === '' ? '' : NO_BREAK + unit;
}

/** By what numbers are divided so that they have few digits, and what they are called then. */
export interface Scale {
  readonly divisor: number;
  /** Empty if there is none. */
  readonly unit: string;
}

/** One scale for all numbers of a chart or a column. @param unit as in the catalog, such as `bytes/s` */
export function scaleFor(unit: string, greatest: number): Scale {
  const [, base, per] = /^(bytes)(\/.*)?$/.exec(unit) ?? [];
  if (base !== undefined) {
    const power = Math.max(0, Math.min(BINARY.length - 1, Math.floor(Math.log2(Math.max(1, greatest)) / 10)));
    return { divisor: 1024 ** power, unit: `${BINARY[power] ?? ''}${per ?? ''}` };
  }
  return { divisor: 1, unit: NAMED[unit] ?? unit };
}

/** Three significant digits, no unit. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '—';
  return formatValue(value, '');
}

/** With a fixed number of decimals, so that columns align. */
export function decimals(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '—';
}

/** For live values: what is measured in percent or degrees is not exact to a tenth from 10 on, and would flicker. @param value in the unit of its chart */
export function calm(value: number, unit: string): string {
  if (!Number.isFinite(value)) return '—';
  const isRough = unit === 'percent' || unit === 'celsius';
  if (isRough) return decimals(value, Math.abs(value) < 9.95 ? 1 : 0);
  // Of what is measured in bytes, less than a hundredth of the unit of its chart is nothing.
  return number(unit.startsWith('bytes') ? Math.round(value * 100) / 100 : value);
}

export interface ValueText {
  readonly number: string;
  readonly unit: string;
}

/** `18.4` and `GiB`; durations are one text. */
export function valueText(value: number, unit: string): ValueText {
  if (!Number.isFinite(value)) return { number: '—', unit: '' };
  const scale = scaleFor(unit, Math.abs(value));
  if (scale.divisor !== 1 || scale.unit !== unit || unit === '') {
    return { number: number(value / scale.divisor), unit: scale.unit };
  }
  const text = formatValue(value, unit);
  return { number: text.replaceAll(' ', NO_BREAK), unit: '' };
}

/** With as many digits as it takes to tell it from another, such as its limit. */
export function valueBeside(value: number, unit: string, other: number | undefined): string {
  return formatValue(value, unit, other).replaceAll(' ', NO_BREAK);
}

export function withUnit(value: number, unit: string): string {
  const { number: digits, unit: name } = valueText(value, unit);
  return name === '' ? digits : `${digits}${NO_BREAK}${name}`;
}

/** `41 d 6 h`, `3 min`; no break inside. */
export function duration(ms: number): string {
  return humanDuration(ms).replaceAll(' ', NO_BREAK);
}

/** The larger part only: `41 d`, `1 h`; for narrow columns. */
export function roughDuration(ms: number): string {
  return humanDuration(ms).split(' ').slice(0, 2).join(NO_BREAK);
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString('en')} ${value === 1 ? one : many}`;
}
