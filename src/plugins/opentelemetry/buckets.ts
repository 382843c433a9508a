/** Buckets of histograms as fields, by their upper bounds. */

/**
 * Cumulative counts, as Telegraf and Prometheus have them; the bucket without a bound is the field `count`.
 *
 * @returns a text that says what is wrong, if these are no buckets
 */
export function bucketFields(
  counts: readonly bigint[],
  bounds: readonly number[],
): string | readonly (readonly [bound: string, count: number])[] {
  // The last bucket has no bound, and some senders leave it out.
  if (counts.length > 0 && counts.length !== bounds.length && counts.length !== bounds.length + 1)
    return `${counts.length} buckets do not fit ${bounds.length} bounds`;
  if (!bounds.every(Number.isFinite)) return 'a bound of a bucket is not finite';
  let total = 0n;
  return counts.length === 0
    ? []
    : bounds.map((bound, index) => {
        total += counts[index] ?? 0n;
        return [plainNumber(bound), Number(total)] as const;
      });
}

/** Without an exponent, as Telegraf names such fields: `0.0000001`. */
export function plainNumber(value: number): string {
  const text = String(value);
  const [, sign = '', whole = '', fraction = '', exponent] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const shift = Number(exponent);
  const digits = whole + fraction;
  return shift < 0 ? `${sign}0.${'0'.repeat(-shift - 1)}${digits}` : sign + digits.padEnd(shift + 1, '0');
}
