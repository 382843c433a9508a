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
  B: 'By',
  KiB: 'KiBy',
  MiB: 'MiBy',
  GiB: 'GiBy',
  kB: 'kBy',
  MB: 'MBy',
  GB: 'GBy',
  'B/s': 'By/s',
  seconds: 's',
  minutes: 'min',
  hours: 'h',
  '°C': 'Cel',
  rpm: '{revolution}/min',
};

/** Longest unit that receivers accept. Characters. */
const MAX_LENGTH = 63;

/**
 * Counted things become annotations: `packets` is `{packet}`, `requests/s` is `{request}/s`. Units that are not known are sent
 * as they are, without those of several words.
 */
export function ucum(unit: string): string {
  const known = UCUM[unit];
  if (known !== undefined) return known;
  const [, counted, per] = /^([a-z]{2,})(?:\/(\w+))?$/.exec(unit) ?? [];
  if (counted !== undefined) return `{${singular(counted)}}${per === undefined ? '' : `/${UCUM[per] ?? per}`}`;
  return /^[\x21-\x7e]+$/.test(unit) && unit.length <= MAX_LENGTH ? unit : '';
}

function singular(noun: string): string {
  if (noun.endsWith('ies')) return `${noun.slice(0, -3)}y`;
  if (/(?:ss|ch|sh|x)es$/.test(noun)) return noun.slice(0, -2);
  return /[^s]s$/.test(noun) ? noun.slice(0, -1) : noun;
}
