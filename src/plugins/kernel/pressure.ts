/** One line of a file under /proc/pressure. */
export interface Pressure {
  /** `some`: at least one task stalled; `full`: all tasks stalled. */
  readonly type: 'some' | 'full';
  /** Percent of the last 10, 60 and 300 seconds. */
  readonly avg10: number | undefined;
  readonly avg60: number | undefined;
  readonly avg300: number | undefined;
  /** Microseconds since boot. */
  readonly total: number | undefined;
}

/** Source: the kernel's "PSI - Pressure Stall Information". Other lines are skipped. */
export function parsePressure(text: string): readonly Pressure[] {
  return text.split('\n').flatMap((line) => {
    const [type, ...pairs] = line.trim().split(/\s+/);
    if (type !== 'some' && type !== 'full') return [];
    const values = new Map(pairs.map((pair) => splitPair(pair)));
    return [
      {
        type,
        avg10: values.get('avg10'),
        avg60: values.get('avg60'),
        avg300: values.get('avg300'),
        total: values.get('total'),
      },
    ];
  });
}

function splitPair(pair: string): readonly [string, number | undefined] {
  const [key = '', value = ''] = pair.split('=', 2);
  const number = (key === 'total' ? /^\d+$/ : /^\d+(\.\d+)?$/).test(value) ? Number(value) : Number.NaN;
  return [key, number <= Number.MAX_SAFE_INTEGER ? number : undefined];
}
