import { expect, test } from '@jest/globals';

import { Stage } from '../../src/gather/stage.ts';
import { pluginContext } from '../../src/host/context.ts';
import type { Metric } from '../../src/metric/metric.ts';
import { defineProcessor, z, type Processor } from '../../src/plugin/index.ts';
import { recordingLog } from '../support/kit/recording-log.ts';

const METRIC: Metric = { name: 'm', tags: { host: 'h' }, fields: { v: 1 }, time: 1n };

async function staged(processor: Partial<Processor>) {
  const plugin = defineProcessor({
    name: 'mine',
    summary: '',
    config: z.strictObject({}),
    create: () => processor as Processor,
  });
  const log = recordingLog();
  const entry = { plugin, alias: 'mine', options: {}, fingerprint: '', filter: {}, file: '/etc/healthd/mine.ts' };
  const stage = await Stage.create(entry, pluginContext({ log }));
  return { stage, lines: log.lines };
}

test.each([
  ['an object', { hello: 1 }, /returned \{ hello: 1 \}, which is no metric: "name" must be text/],
  ['null', null, /returned null; to drop a metric, return undefined/],
  ['text', 'm v=1', /returned 'm v=1', which is no metric: it is no object/],
  ['a promise', Promise.resolve(METRIC), /returned a promise; a processor is synchronous/],
  ['a list with a fault', [METRIC, { ...METRIC, time: 5 }], /"time" must be a bigint of nanoseconds/],
  ['a tag that is a number', { ...METRIC, tags: { port: 80 } }, /the tag "port" must be text/],
  [
    'a field that is an object',
    { ...METRIC, fields: { v: {} } },
    /the field "v" must be a number, bigint, text or bool/,
  ],
  ['no fields', { ...METRIC, fields: {} }, /it has no field/],
])('U-030: a processor that returns %s is named, and the metric passes unchanged', async (_, result, message) => {
  const { stage, lines } = await staged({ process: () => result as Metric });
  expect(stage.process(METRIC)).toBe(METRIC);
  expect(stage.process(METRIC)).toBe(METRIC);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(message);
});

test.each([
  ['no list', METRIC, /flush returned .* which is no list of metrics/],
  ['a list of something else', [{ hello: 1 }], /flush returned \{ hello: 1 \}, which is no metric/],
])('U-030: a processor that flushes %s is named', async (_, result, message) => {
  const { stage, lines } = await staged({
    process: (metric) => metric,
    flush: () => result as unknown as readonly Metric[],
  });
  expect(stage.flush(0, false)).toEqual([]);
  expect(lines[0]).toMatch(message);
});

test('metrics, lists of them and nothing are passed on', async () => {
  const other: Metric = { name: 'n', tags: {}, fields: { a: 1n, b: 'x', c: true, d: 0.5 }, time: 2n };
  for (const result of [METRIC, other, [METRIC, other], [], undefined]) {
    const { stage, lines } = await staged({ process: () => result, flush: () => [other] });
    expect(stage.process(METRIC)).toBe(result);
    expect(stage.flush(0, true)).toEqual([other]);
    expect(lines).toEqual([]);
  }
});
