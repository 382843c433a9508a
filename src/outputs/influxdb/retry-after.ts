/**
 * The HTTP header `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
 *
 * @param now milliseconds since the Unix epoch
 * @returns milliseconds from now, at least 0; undefined if the header is missing or says nothing
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
