const RFC3339 = /^(\d{4})-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d{1,9}))?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Nanoseconds since the Unix epoch from an RFC 3339 time with up to nine decimals.
 *
 * @returns undefined if the text is malformed, and for the year 1, Go's zero time
 */
export function parseTime(text: string | undefined): bigint | undefined {
  const match = text === undefined ? null : RFC3339.exec(text);
  if (text === undefined || match === null || match[1] === '0001') return undefined;
  const fraction = match[2] ?? '';
  const seconds = Date.parse(fraction === '' ? text : text.replace(`.${fraction}`, '')) / 1000;
  if (!Number.isFinite(seconds)) return undefined;
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}
