import { expect, test } from '@jest/globals';

import { CSV_HEADER, toCsv } from '../../src/metric/formats/csv.ts';
import { toJsonLines } from '../../src/metric/formats/json.ts';
import { rfc3339, unixTime } from '../../src/metric/formats/timestamp.ts';
import type { Metric } from '../../src/plugin/index.ts';

const METRIC: Metric = {
  name: 'disk, "C"',
  tags: { host: 'web-01', path: 'a;b=c\\d', mode: 'rw' },
  fields: { total: 9_007_199_254_740_993n, used_percent: 92.5, ok: true, note: 'two\nlines, "quoted"' },
  time: 1_748_779_200_123_456_789n,
};

test('json is one object per line in the form of Telegraf, with exact integers', () => {
  expect(toJsonLines([METRIC, { ...METRIC, tags: {}, fields: { n: 1 } }], '1s')).toBe(
    '{"fields":{"total":9007199254740993,"used_percent":92.5,"ok":true,"note":"two\\nlines, \\"quoted\\""},' +
      '"name":"disk, \\"C\\"","tags":{"host":"web-01","path":"a;b=c\\\\d","mode":"rw"},"timestamp":1748779200}\n' +
      '{"fields":{"n":1},"name":"disk, \\"C\\"","tags":{},"timestamp":1748779200}\n',
  );
});

test('every line of json can be parsed', () => {
  const [line = ''] = toJsonLines([METRIC], '1ms').split('\n');
  expect(JSON.parse(line)).toMatchObject({ name: METRIC.name, tags: METRIC.tags, timestamp: 1_748_779_200_123 });
});

test('csv is one row per field under a fixed header', () => {
  const series = '2025-06-01T12:00:00.123456789Z,"disk, ""C""",web-01,path=a\\;b\\=c\\\\d;mode=rw';
  expect(CSV_HEADER + toCsv([METRIC], '1ns')).toBe(
    [
      'time,measurement,host,tags,field,value',
      `${series},total,9007199254740993`,
      `${series},used_percent,92.5`,
      `${series},ok,true`,
      `${series},note,"two\\nlines, ""quoted"""`,
      '',
    ].join('\n'),
  );
});

test('times are rounded down to the unit, before 1970 too', () => {
  const time = METRIC.time;
  expect((['1s', '1ms', '1us', '1ns'] as const).map((units) => [unixTime(time, units), rfc3339(time, units)])).toEqual([
    ['1748779200', '2025-06-01T12:00:00Z'],
    ['1748779200123', '2025-06-01T12:00:00.123Z'],
    ['1748779200123456', '2025-06-01T12:00:00.123456Z'],
    ['1748779200123456789', '2025-06-01T12:00:00.123456789Z'],
  ]);
  expect(unixTime(-1n, '1s')).toBe('-1');
  expect(rfc3339(-1n, '1ns')).toBe('1969-12-31T23:59:59.999999999Z');
});

test('H-023, H-024: csv has no formulas and no control characters', () => {
  const attack = '=HYPERLINK("http://x")';
  const metric = {
    name: '@SUM(1)',
    tags: { host: '+cmd|x', '-k': attack, esc: '\u001b[2J\u009b' },
    fields: { '=f': attack, a: '-1+1', b: '\t=1\r\n=2', c: -5, d: 'plain, "quoted"' },
    time: 0n,
  };
  const csv = toCsv([metric], '1s');
  expect(csv.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  const rows = csv.trimEnd().split('\n');
  expect(rows).toHaveLength(5);
  for (const row of rows) {
    const cells = [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
      ([, quoted, plain]) => quoted ?? plain ?? '',
    );
    expect(cells).toHaveLength(6);
    expect(cells.filter((cell) => /^[=+@-]/.test(cell) && cell !== '-5')).toEqual([]);
  }
  expect(rows.some((row) => row.endsWith(',c,-5'))).toBe(true);
  expect(rows.some((row) => row.endsWith(',d,"plain, ""quoted"""'))).toBe(true);
});
