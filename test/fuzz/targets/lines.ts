/** Line protocol. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';

import { atOnce } from '../../../src/core/turns.ts';
import { LineBatch } from '../../../src/metric/batch.ts';
import { compileFilter } from '../../../src/metric/filter.ts';
import {
  encodeLines,
  fieldKey,
  parseLines,
  parseLinesInSteps,
  scanLines,
  SeriesIndex,
} from '../../../src/metric/line-protocol.ts';
import { target, type Target } from '../target.ts';

export const EXAMPLES = [
  'cpu,host=a,cpu=cpu-total usage_idle=98.5,count=3i 1700000000000000000\n',
  '# a comment\r\nmail text="two\nlines, \\"quoted\\"",ok=true,n=-1i,u=7u 1\n\nmem free=1i\n',
  'we\\ ird\\,name,t\\=ag=va\\ lue\\,\\= fi\\ eld="C:\\\\",e=-1.5e-7 -9223372036854775808\n',
  'disk,path=/ü,fs=ext4 used=1i,free=2i,p=33.3 1700000000000000001\ndisk,path=/b used=2i 1700000000000000001\n',
];

const OPTIONS = { defaultTime: 1n };

const filter = compileFilter({
  only: { names: ['c*', 'd?sk', 'm[ea]*', 'we ird,name'], tags: {} },
  drop: { tags: { path: ['/b*'] } },
  fields: { drop: ['u*'] },
  tag_keys: { drop: ['cpu'] },
});

function count(lines: Uint8Array): number {
  let found = 0;
  scanLines(lines, new SeriesIndex(() => undefined), () => (found += 1));
  return found;
}

export const LINES: readonly Target[] = [
  target('line protocol: metrics', {
    share: 2,
    examples: EXAMPLES,
    parse: (input) => parseLines(input, OPTIONS),
    holds(parsed, input) {
      equal(parsed.errors.length, Math.min(parsed.refused, 1000));
      equal(parsed.metrics.length + parsed.refused, count(input));
      deepEqual(atOnce(parseLinesInSteps(input, OPTIONS)), parsed);
      const written = encodeLines(parsed.metrics);
      const again = parseLines(written, OPTIONS);
      deepEqual(again.errors, []);
      equal(again.metrics.length, parsed.metrics.length);
      ok(Buffer.from(encodeLines(again.metrics)).equals(written));
    },
  }),
  target('line protocol: scan', {
    share: 3,
    examples: EXAMPLES,
    parse(input) {
      const key = fieldKey('used');
      let before = 0;
      scanLines(input, new SeriesIndex((name) => name), (line) => {
        ok(line.start >= before);
        ok(line.fields >= line.start);
        ok(line.fieldsEnd >= Math.min(line.fields, line.end));
        ok(line.end >= line.fieldsEnd);
        ok(!Number.isNaN(line.number(key)));
        before = line.end;
      });
      return before;
    },
    holds: (end, input) => {
      ok(end <= input.length);
    },
  }),
  target('line protocol: batch', {
    share: 2,
    examples: EXAMPLES,
    parse: (input) => new LineBatch(input, [...new LineBatch(input, 0).texts()].length),
    holds(batch, input) {
      const half = batch.size >> 1;
      const parts = [batch.slice(0, half), batch.slice(half, batch.size)];
      ok(Buffer.concat(parts.map(({ lines }) => lines)).equals(input));
      ok(Buffer.from(batch.without(new Set()).lines).equals(input));
      equal(batch.without(new Set([0])).size, Math.max(0, batch.size - 1));
      equal(batch.head({ lines: Infinity, bytes: Infinity }).lines.length, input.length);
    },
  }),
  target('line protocol: compressed batch', {
    share: 0.3,
    examples: EXAMPLES,
    parse: (input) => new LineBatch(input, 1).gzip(),
    holds: (gzip, input) => {
      ok(gunzipSync(gzip).equals(input));
    },
  }),
  target('line protocol: filter', {
    share: 2,
    examples: EXAMPLES,
    parse: (input) => filter?.applyToLines(input),
    holds(filtered) {
      if (filtered === undefined) throw new Error('no filter');
      equal(count(filtered.lines), filtered.size);
      const again = filter?.applyToLines(filtered.lines);
      equal(again?.size, filtered.size);
    },
  }),
];
