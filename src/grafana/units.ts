/** Maps units of the catalogs to Grafana's unit ids (`@grafana/data`, valueFormats/categories). */

const GAUGES: Readonly<Record<string, string>> = {
  percent: 'percent',
  bytes: 'bytes',
  bits: 'bits',
  s: 's',
  ms: 'ms',
  us: 'µs',
  ns: 'ns',
  celsius: 'celsius',
  'Mbit/s': 'Mbits',
  '': 'none',
};

const RATES: Readonly<Record<string, string>> = {
  bytes: 'binBps',
  packets: 'pps',
  operations: 'iops',
  // Seconds per second are a share of time; callers scale smaller units.
  s: 'percentunit',
};

/** Other units (`processes`, `packets`) are shown as a number with k, M and so on. */
export function grafanaUnit(unit: string, isRate = false): string {
  return isRate ? (RATES[unit] ?? 'short') : (GAUGES[unit] ?? 'short');
}
