/** Times in the output of programs. */
export const TIME_FORMATS = ['unix', 'unix_ms', 'unix_us', 'unix_ns', 'rfc3339'] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];

/** Decimals of a second in a number of the format. */
const DECIMALS = { unix: 0, unix_ms: 3, unix_us: 6, unix_ns: 9 } as const;

const NUMBER = /^([+-]?\d{1,19})(?:\.(\d{1,30}))?$/;
const RFC3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,30}))?([Zz]|[+-]\d\d:\d\d)$/;

/**
 * Nanoseconds since the Unix epoch. More decimals are cut off.
 *
 * @returns undefined if the text is no such time, or beyond 64 bits
 */
export function parseTime(text: string, format: TimeFormat): bigint | undefined {
  const time = format === 'rfc3339' ? fromRfc3339(text) : fromNumber(text, DECIMALS[format]);
  return time !== undefined && BigInt.asIntN(64, time) === time ? time : undefined;
}

function fromNumber(text: string, decimals: number): bigint | undefined {
  const [, whole, fraction = ''] = NUMBER.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const missing = 9 - decimals;
  return BigInt(whole + fraction.slice(0, missing).padEnd(missing, '0'));
}

function fromRfc3339(text: string): bigint | undefined {
  const [, date, time, fraction = '', zone = ''] = RFC3339.exec(text) ?? [];
  const seconds = Date.parse(`${date ?? ''}T${time ?? ''}${zone.toUpperCase()}`) / 1000;
  if (!Number.isFinite(seconds)) return undefined;
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}
