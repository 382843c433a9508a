/** What inputs collect from programs and scrape targets. */
import { equal, ok } from 'node:assert/strict';

import { atOnce } from '../../../src/core/turns.ts';
import { parseCsv } from '../../../src/plugins/exec/csv.ts';
import { createParser, DATA_FORMATS, type Parsed } from '../../../src/plugins/exec/formats.ts';
import { parseJson, parseNdjson } from '../../../src/plugins/exec/json.ts';
import { isNagiosState, parseNagios } from '../../../src/plugins/exec/nagios.ts';
import { parseTime, TIME_FORMATS } from '../../../src/plugins/exec/time.ts';
import { parseExposition } from '../../../src/plugins/exposition.ts';
import { pointsOf } from '../../../src/plugins/exposition-points.ts';
import { target, type Target } from '../target.ts';

import { EXAMPLES as LINES } from './lines.ts';

const MOST = 1000;

const TEXT = [
  '# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\nhttp_requests_total{method="post",code="200"} 1027 1395066363000\n',
  'msdos{path="C:\\\\DIR\\\\F.TXT",error="no \\"file\\"\\n"} 1.458255915e9\nx{} +Inf -3982045\n{"a.b","c.d"="e"} NaN\n',
  '# TYPE h histogram\nh_bucket{le="0.05"} 24054\nh_bucket{le="+Inf"} 144320\nh_sum 53423\nh_count 144320\n',
  '# TYPE h histogram\nh_bucket{a="1",le="1"} 1\nh_count{a="1"} 2\n',
];
const OPEN_METRICS = [
  '# TYPE foo counter\nfoo_total{a="b"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67\nfoo_created 1\n# EOF\n',
  '# TYPE h histogram\n# UNIT h seconds\nh_bucket{le="1"} 8 # {} 0.5 1520879607.1\nh_count 8\n# EOF\n',
];

const OPTIONS = {
  name: 'exec',
  json_tag_keys: ['host', 'tag*'],
  json_string_fields: ['text*'],
  json_name_key: 'measurement',
  json_time_key: 'time',
  json_time_format: 'unix',
  csv_delimiter: ',',
  csv_columns: [],
  max_metrics: MOST,
} as const;

const JSON_TEXT = [
  '{"host":"a","measurement":"m","time":1700000000.5,"a":{"b":[1,2,{"c":3}]},"text":"x","ok":true}',
  '[{"time":1,"value":1},{"time":2,"value":-1.5e3,"host":"\\u00fc"}]',
  '{"time":1700000000,"value":NaN,"other":-Infinity,"v":1}',
];

const PROGRAM: Readonly<Record<(typeof DATA_FORMATS)[number], readonly string[]>> = {
  influx: LINES,
  json: JSON_TEXT,
  ndjson: ['{"time":1,"a":1}\n{"time":2,"a":2,"text":"x"}\n\n{"time":3,"b":{"c":1}}\n'],
  csv: ['time,host,value,text\r\n1700000000,a,1.5,"x, ""y""\nz"\r\n1700000001,b,,true\r\n', '\ufefftime,v\n1,2\n'],
  prometheus: [...TEXT, ...OPEN_METRICS],
  nagios: [
    "DISK OK - free: / 3326 MB (56%); | /=2643MB;5948;5958;0;5968\nlong text | 'a''b'=5%;~:10;@10:20\nc=U;1;2\n",
    'PING OK | rta=0.080000ms;100.000000;500.000000;0.000000 pl=0%;20;60;;100',
  ],
};

/** Names, tags and texts together. More than this for each byte of input is a bomb. */
const MAX_CHARACTERS_PER_BYTE = 40;

function checkPoints({ metrics, errors, rejected }: Parsed, input: Buffer): void {
  ok(metrics.length <= MOST);
  ok(errors.length <= rejected);
  let characters = 0;
  for (const { name, tags, fields, time } of metrics) {
    ok(Object.keys(fields).length > 0);
    if (time !== undefined) equal(BigInt.asIntN(64, time), time);
    for (const [key, value] of [...Object.entries(tags), ...Object.entries(fields)]) {
      characters += key.length + String(value).length;
    }
    characters += name.length;
  }
  ok(characters <= MAX_CHARACTERS_PER_BYTE * (input.length + 100));
}

const RULES = { name: 'x', nameKey: '', isTag: () => false, isStringField: () => true };

export const COLLECTED: readonly Target[] = [
  ...(['text', 'openMetrics'] as const).map((format) =>
    target(`exposition: ${format}`, {
      share: 3,
      examples: format === 'text' ? TEXT : OPEN_METRICS,
      parse: (input) => atOnce(parseExposition(input.toString(), format, MOST)),
      throws: ['Error', 'RangeError'],
      holds(exposition) {
        ok(exposition.samples.length <= MOST);
        const points = atOnce(pointsOf(exposition, false));
        const finite = exposition.samples.filter(({ value }) => Number.isFinite(value));
        const fields = points.flatMap((point) => Object.values(point.fields));
        ok(fields.every(Number.isFinite));
        ok(fields.length <= 2 * finite.length);
        ok(points.every(({ time }) => time === undefined || BigInt.asIntN(64, time) === time));
      },
    }),
  ),
  ...DATA_FORMATS.map((data_format) => {
    const parse = createParser({ ...OPTIONS, data_format });
    return target(`exec: ${data_format}`, {
      share: 2,
      examples: PROGRAM[data_format],
      parse: (input) => atOnce(parse(input, 1)),
      throws: data_format === 'prometheus' ? ['Error', 'RangeError'] : ['RangeError'],
      holds: checkPoints,
    });
  }),
  target('exec: without a time, all strings are fields', {
    examples: [...JSON_TEXT, ...PROGRAM.ndjson, ...PROGRAM.csv],
    parse(input) {
      const text = input.toString();
      return [
        ...[parseJson(text, RULES, MOST), parseNdjson(text, RULES, MOST)],
        parseCsv(text, { ...RULES, delimiter: ';', columns: ['a', 'b'] }, MOST),
      ].map(atOnce);
    },
    throws: ['RangeError'],
    holds(all, input) {
      for (const { metrics, errors } of all) checkPoints({ metrics, errors, rejected: errors.length }, input);
    },
  }),
  target('exec: state of Nagios', {
    share: 0.2,
    examples: PROGRAM.nagios,
    parse: (input) => parseNagios(input.toString(), Math.min(3, input[0] ?? 0), MOST),
    throws: ['RangeError'],
    holds([state]) {
      ok(isNagiosState(Number(state?.fields['state'])));
    },
  }),
  target('exec: times', {
    examples: ['1700000000', '-1.5', '2026-01-31T08:00:00.123456789Z', '2026-01-31 08:00:00+02:00'],
    longest: 1000,
    parse: (input) => TIME_FORMATS.map((format) => parseTime(input.toString(), format)),
    holds(times) {
      ok(times.every((time) => time === undefined || BigInt.asIntN(64, time) === time));
    },
  }),
];
