/** Units of the catalogs → Unified Code for Units of Measure, which OpenTelemetry uses: https://ucum.org/ucum */
const UCUM: Readonly<Record<string, string>> = {
  percent: '%',
  bytes: 'By',
  bits: 'bit',
  'bytes/s': 'By/s',
  'bits/s': 'bit/s',
  'Mbit/s': 'Mbit/s',
  s: 's',
  ms: 'ms',
  us: 'us',
  ns: 'ns',
  min: 'min',
  h: 'h',
  days: 'd',
  celsius: 'Cel',
  volts: 'V',
  amperes: 'A',
  watts: 'W',
  hertz: 'Hz',
  Hz: 'Hz',
  MHz: 'MHz',
  ratio: '1',
};

/** Counted things become annotations: `packets` is `{packet}`. Units of several words are omitted. */
export function ucum(unit: string): string {
  const known = UCUM[unit];
  if (known !== undefined) return known;
  return /^[a-z]+$/.test(unit) ? `{${singular(unit)}}` : '';
}

function singular(noun: string): string {
  if (noun.endsWith('ies')) return `${noun.slice(0, -3)}y`;
  if (/(?:ss|ch|sh|x)es$/.test(noun)) return noun.slice(0, -2);
  return /[^s]s$/.test(noun) ? noun.slice(0, -1) : noun;
}
