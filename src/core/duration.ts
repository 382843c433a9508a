/** Milliseconds in each unit. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Characters. Fewer than the digits of an infinite number, which a timer would take for 1 ms. */
const LONGEST = 100;

/**
 * Parses a duration such as `10s`, `1m30s`, `500ms`, `1.5h` or `7d`.
 *
 * @returns milliseconds
 * @throws RangeError for anything else; a number without a unit is ambiguous
 */
export function parseDuration(text: string): number {
  const compact = text.trim();
  if (compact === '0') return 0;
  // The search takes quadratic time in a run of digits.
  if (compact.length > LONGEST) throw new RangeError(`A duration has at most ${LONGEST} characters`);
  const parts = [...compact.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)/g)];
  if (compact === '' || parts.map((part) => part[0]).join('') !== compact) {
    throw new RangeError(`"${text}" is not a duration; write a number with a unit, such as 500ms, 10s, 1m30s or 7d`);
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN), 0);
}

/** The shortest exact form of a duration: 90000 → `1m30s`, 0 → `0s`. Truncates below a microsecond. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms * 1000) / 1000;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms', 'us'] as const) {
    const size = UNITS[unit] ?? 1;
    const amount = unit === 'us' ? Math.round(rest / size) : Math.floor(rest / size);
    if (amount === 0) continue;
    text += `${amount}${unit}`;
    rest = Math.round((rest - amount * size) * 1000) / 1000;
  }
  return text === '' ? '0s' : text;
}
