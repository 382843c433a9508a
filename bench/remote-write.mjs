/**
 * The output `prometheus_remote_write`: from the bytes of a batch to those of a request, without the network, in time of the
 * CPU. The sources are bundled here, so it needs no build: `node --expose-gc bench/remote-write.mjs`.
 */
import assert from 'node:assert/strict';

import { compress, uncompress } from 'snappyjs';

import { loadSource } from '../scripts/load-source.mjs';
import { compareAsync } from './support/interleave.mjs';

const { LineBatch, SeriesTable, WriteRequestEncoder } = await loadSource('bench/support/remote-write.ts');

const LINES = 1000;
const BATCHES = 20;
const FIELDS = ['user', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal', 'guest', 'nice', 'guest_nice'];
const SAMPLES = LINES * FIELDS.length;
const FLOOR = 500_000;

const table = new SeriesTable({ describe: () => undefined });
const encoder = new WriteRequestEncoder();

/** @param series lines of a batch that are of different series; the more, the more labels there are to send */
async function measure(what, series) {
  const batches = Array.from({ length: BATCHES }, (_, round) => batchOf(round, series));
  const parsed = batches.map((lines) => [...new LineBatch(lines, LINES).metrics()]);
  const messages = parsed.map((metrics) => Buffer.from(encoder.encode(table.group(metrics), [])));
  assert.deepEqual(Buffer.from(uncompress(compress(messages[0]))), messages[0]);
  const size = messages[0].length / SAMPLES;
  console.log(
    `${what}: ${size.toFixed(0)} bytes a sample, ${(compress(messages[0]).length / SAMPLES).toFixed(1)} compressed`,
  );
  const each = (items, work) => () =>
    cpuTime(() => {
      for (const item of items) work(item);
    });
  const whole = (lines) => compress(encoder.encode(table.group(new LineBatch(lines, LINES).metrics()), []));
  const times = await compareAsync(
    {
      'parsing, encoding, compressing': each(batches, whole),
      'of that, parsing': each(batches, (lines) => [...new LineBatch(lines, LINES).metrics()].length),
      'of that, grouping by series': each(parsed, (metrics) => table.group(metrics).length),
      'of that, grouping and encoding': each(parsed, (metrics) => encoder.encode(table.group(metrics), []).length),
      'of that, compressing': each(messages, compress),
    },
    { rounds: 9, units: SAMPLES * BATCHES, unit: 'samples' },
  );
  const rate = (1000 * SAMPLES * BATCHES) / times['parsing, encoding, compressing'];
  const holds = rate >= FLOOR;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}: ${Math.round(rate)} samples/s of CPU, at least ${FLOOR} claimed`);
  if (!holds) process.exitCode = 1;
}

await measure('10 hosts of 9 CPUs, some gathers in a batch', 90);
await measure('each line of a series of its own', LINES);

/** Milliseconds of the CPU, so that what else runs on the machine does not count. */
async function cpuTime(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function batchOf(round, series) {
  let text = '';
  for (let line = 0; line < LINES; line += 1) {
    const [id, gather] = [line % series, Math.floor(line / series)];
    const fields = FIELDS.map((field, index) => `usage_${field}=${valueOf(round, line, index)}`).join(',');
    const time = 1_700_000_000 + 10 * (round * Math.ceil(LINES / series) + gather);
    text += `cpu,cpu=cpu${id % 9},dc=fra1,host=server-${Math.floor(id / 9)} ${fields} ${time}000000000\n`;
  }
  return Buffer.from(text);
}

/** Percentages of four decimals, as inputs give them. */
function valueOf(round, line, field) {
  return (((round * 7919 + line * 104_729 + field * 1299) % 1_000_003) / 10_000.03).toFixed(4);
}
