/** Numbers as Grafana writes them: its identifiers of units → texts. */

const SCALES = {
  bytes: { base: 1024, suffixes: ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] },
  binBps: { base: 1024, suffixes: ['B/s', 'KiB/s', 'MiB/s', 'GiB/s', 'TiB/s'] },
  bits: { base: 1000, suffixes: ['b', 'kb', 'Mb', 'Gb', 'Tb'] },
  Mbits: { base: 1000, suffixes: ['Mb/s', 'Gb/s', 'Tb/s'] },
  pps: { base: 1000, suffixes: ['p/s', 'kp/s', 'Mp/s'] },
  iops: { base: 1000, suffixes: ['io/s', 'kio/s', 'Mio/s'] },
  short: { base: 1000, suffixes: ['', 'K', 'Mil', 'Bil'] },
};
const FIXED = { percent: '%', celsius: '°C', none: '' };
const DURATIONS = [
  ['days', 86_400],
  ['hours', 3600],
  ['mins', 60],
  ['s', 1],
  ['ms', 1e-3],
  ['µs', 1e-6],
  ['ns', 1e-9],
];
/** Seconds of one of the unit. */
const SECONDS = { s: 1, ms: 1e-3, µs: 1e-6, ns: 1e-9 };
const LONG_DURATIONS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/** @param step if given, as many decimals as tell multiples of it apart */
export function formatValue(value, unit = 'short', step = undefined) {
  if (unit === 'dtdurations') return longDuration(value);
  const { factor, suffix } = scaleOf(Math.abs(value), unit);
  const number = decimals(value / factor, step === undefined ? undefined : step / factor);
  return suffix === '' || suffix === '%' ? number + suffix : `${number} ${suffix}`;
}

function scaleOf(size, unit) {
  if (unit in SECONDS) {
    const seconds = size * SECONDS[unit];
    const [suffix, length] = DURATIONS.find(([, least]) => seconds >= least) ?? [unit, SECONDS[unit]];
    return { factor: length / SECONDS[unit], suffix };
  }
  if (unit === 'percentunit') return { factor: 0.01, suffix: '%' };
  const scale = SCALES[unit];
  if (scale === undefined) return { factor: 1, suffix: FIXED[unit] ?? unit };
  const { base, suffixes } = scale;
  const power = size < base ? 0 : Math.min(Math.floor(Math.log(size) / Math.log(base)), suffixes.length - 1);
  return { factor: base ** power, suffix: suffixes[power] };
}

/** Three digits that count. */
function decimals(number, step) {
  if (number === 0) return '0';
  const size = Math.abs(number);
  if (step !== undefined) return number.toFixed([0, 1, 2].find((digits) => isWhole(step * 10 ** digits)) ?? 3);
  const text = number.toFixed(Math.min(Math.max(2 - Math.floor(Math.log10(size)), 0), 3));
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function isWhole(number) {
  return Math.abs(number - Math.round(number)) < 1e-6;
}

export function longDuration(seconds) {
  const [name, length] = LONG_DURATIONS.find(([, least]) => seconds >= least) ?? ['second', 1];
  const count = Math.floor(seconds / length);
  const rest = LONG_DURATIONS[LONG_DURATIONS.findIndex(([each]) => each === name) + 1];
  const counted = (number, what) => `${number} ${what}${number === 1 ? '' : 's'}`;
  const more = rest === undefined ? 0 : Math.floor((seconds - count * length) / rest[1]);
  return more === 0 ? counted(count, name) : `${counted(count, name)}, ${counted(more, rest[0])}`;
}

/** Round numbers from `min` to `max`, about `count` of them. */
export function ticks(min, max, count, unit) {
  const rough = (max - min) / count;
  const base = SCALES[unit]?.base === 1024 && rough >= 1 ? 1024 : 1000;
  const power = rough <= 0 ? 0 : Math.floor(Math.log(rough) / Math.log(base) + 1e-9);
  const scale = base ** power;
  const STEPS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, base];
  const step = scale * (STEPS.find((each) => each * scale >= rough * 0.999) ?? base);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return { step, values: Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step) };
}
