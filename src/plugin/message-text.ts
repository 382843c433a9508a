/** Values and texts as people read them, and what makes text from outside safe to print. */

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Units of the metric catalogs → as people write them. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ['percent', '%'],
  ['celsius', '°C'],
]);

const MS_OF: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['ms', 1],
  ['s', 1000],
]);

/** More digits are noise: a double has 15 to 17. */
const MOST_DIGITS = 15;

/**
 * A number with its unit, rounded: `96.4 %`, `4.2 GiB`, `120 ms`, `3 h 5 min`.
 *
 * @param apartFrom a number that must not look the same, such as a limit: 90.01 is not `90 %` if the limit is
 */
export function formatValue(value: number, unit: string, apartFrom = value): string {
  const rounded = formatted(value, unit);
  if (value === apartFrom || rounded !== formatted(apartFrom, unit)) return rounded;
  for (let digits = 4; digits <= MOST_DIGITS; digits += 1) {
    const precise = formatted(value, unit, digits);
    if (precise !== formatted(apartFrom, unit, digits)) return precise;
  }
  return rounded;
}

/** @param digits significant ones; undefined for three, but all of the integer part */
function formatted(value: number, unit: string, digits?: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (unit === 'bytes') return formatBytes(value, digits);
  if (unit.startsWith('bytes/')) return `${formatBytes(value, digits)}/${unit.slice(6)}`;
  const ms = MS_OF.get(unit);
  if (ms !== undefined) return formatTime(value * ms, digits);
  const text = UNITS.get(unit) ?? unit;
  return text === '' ? short(value, digits) : `${short(value, digits)} ${text}`;
}

function formatTime(ms: number, digits?: number): string {
  const time = Math.abs(ms);
  if (time < 1000) return `${short(ms, digits)} ms`;
  return digits === undefined ? `${ms < 0 ? '-' : ''}${humanDuration(time)}` : `${short(ms / 1000, digits)} s`;
}

function formatBytes(bytes: number, digits?: number): string {
  const power = Math.min(BINARY_UNITS.length - 1, Math.floor(Math.log2(Math.max(1, Math.abs(bytes))) / 10));
  return `${short(bytes / 1024 ** power, digits)} ${BINARY_UNITS[power] ?? ''}`;
}

function short(value: number, digits?: number): string {
  if (digits === undefined && Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(digits ?? 3)));
}

/** `42 s`, `5 min`, `2 h 10 min`, `3 d 4 h`. */
export function humanDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return join(hours, 'h', minutes % 60, 'min');
  return join(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** `1st`, `22nd`, `113th`. */
export function ordinal(count: number): string {
  const tens = count % 100;
  const suffix = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
  return `${count}${suffix}`;
}

/** Replaces line breaks and other control characters, which headers, logs and terminals would interpret. */
export function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').trim();
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** At most `max` UTF-16 code units, cut between graphemes, with `…` at the end. */
export function truncate(text: string, max: number): string {
  return truncateBy(text, max, (part) => part.length);
}

/** The same in bytes of UTF-8. */
export function truncateBytes(text: string, max: number): string {
  return truncateBy(text, max, (part) => Buffer.byteLength(part));
}

function truncateBy(text: string, max: number, sizeOf: (part: string) => number): string {
  if (sizeOf(text) <= max) return text;
  const ellipsis = sizeOf('…') <= max ? '…' : '';
  let size = sizeOf(ellipsis);
  let kept = '';
  // A grapheme that begins within `max` and ends beyond the slice does not fit, so it may be cut there.
  for (const { segment } of segmenter.segment(text.slice(0, max + 1))) {
    size += sizeOf(segment);
    if (size > max) break;
    kept += segment;
  }
  return `${kept}${ellipsis}`;
}
