/** Units of our catalogs → identifiers of Grafana's units (`@grafana/data`, valueFormats/categories). */

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
  // Seconds of work in each second are a share of time; other parts of seconds are scaled by whoever asks.
  s: 'percentunit',
};

/** What is counted (`processes`, `packets`) is written as a number with k, M and so on. */
export function grafanaUnit(unit: string, isRate = false): string {
  return isRate ? (RATES[unit] ?? 'short') : (GAUGES[unit] ?? 'short');
}
