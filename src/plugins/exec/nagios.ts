/**
 * Output of Nagios plugins, as in the guidelines of monitoring-plugins.org: a line of text, more lines of text, and after a `|`
 * in any of them performance data, `'label'=value[unit];[warn];[crit];[min];[max]`. The state is the exit code. Measurements
 * and fields are Telegraf's.
 */
import type { JsonPoint } from './json.ts';

/** OK, warning, critical, unknown: any other exit code is a failure of the program. */
export function isNagiosState(code: number | undefined): code is number {
  return code !== undefined && code >= 0 && code <= 3;
}

/** Maximum characters of a text that becomes a field. */
const MAX_TEXT = 4096;

/** @param state exit code. @throws RangeError for more than `most` points */
export function parseNagios(text: string, state: number, most: number): readonly JsonPoint[] {
  const lines = text.replaceAll('\r', '').trim().split('\n').map(splitLine);
  const values = lines.flatMap(({ perfdata }) => perfdataOf(perfdata));
  if (values.length >= most) throw new RangeError(`more than ${most} values`);
  const [output = '', ...more] = lines.map((line) => line.text);
  const long = more.join('\n').trim();
  const fields = {
    state: BigInt(state),
    service_output: output.slice(0, MAX_TEXT),
    ...(long === '' ? {} : { long_service_output: long.slice(0, MAX_TEXT) }),
  };
  return [{ name: 'nagios_state', tags: {}, fields }, ...values];
}

function splitLine(line: string): { readonly text: string; readonly perfdata: string } {
  const bar = line.indexOf('|');
  return bar < 0
    ? { text: line.trim(), perfdata: '' }
    : { text: line.slice(0, bar).trim(), perfdata: line.slice(bar + 1) };
}

const ITEM = /\s*(?:'([^']*(?:''[^']*)*)'|([^\s=']+))=(\S+)/y;
const VALUE = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)([^\d\s]*)$/i;

/** What cannot be read ends the list: it may be a `|` in the text. */
function perfdataOf(text: string): readonly JsonPoint[] {
  const points: JsonPoint[] = [];
  ITEM.lastIndex = 0;
  for (let item = ITEM.exec(text); item !== null; item = ITEM.exec(text)) {
    const [, quoted, bare = '', data = ''] = item;
    const point = pointOf(quoted?.replaceAll("''", "'") ?? bare, data.split(';', 5));
    if (point !== undefined) points.push(point);
  }
  return points;
}

/** @returns undefined if the value is unknown: `U` */
function pointOf(perfdata: string, data: readonly string[]): JsonPoint | undefined {
  const [first = '', warning = '', critical = '', min = '', max = ''] = data;
  const [, number, unit = ''] = VALUE.exec(first) ?? [];
  if (number === undefined) return undefined;
  return {
    name: 'nagios',
    tags: { perfdata, ...(unit === '' ? {} : { unit }) },
    fields: {
      value: Number(number),
      ...thresholds('warning', warning),
      ...thresholds('critical', critical),
      ...numberField('min', min),
      ...numberField('max', max),
    },
  };
}

const RANGE = /^(@?)(?:(~|[^:]*):)?([^:]*)$/;

/** `10`: alert below 0 or above 10; `10:`, `~:10`, `10:20`; with `@` within the range. Infinite ends have no field. */
function thresholds(name: string, range: string) {
  const [, inside = '', start, end = ''] = RANGE.exec(range) ?? [];
  if (range === '') return {};
  const suffix = inside === '' ? 't' : 'e';
  return { ...numberField(`${name}_l${suffix}`, start ?? '0'), ...numberField(`${name}_g${suffix}`, end) };
}

function numberField(name: string, text: string): Readonly<Record<string, number>> {
  const number = VALUE.exec(text)?.[1];
  return number === undefined ? {} : { [name]: Number(number) };
}
