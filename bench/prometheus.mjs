/**
 * The output `prometheus`: the text of a scrape of 10,000 series against prom-client, which holds the same ones, and what
 * one write costs. The sources are bundled here, so it needs no build: `node --expose-gc bench/prometheus.mjs`.
 */
import assert from 'node:assert/strict';

import { Gauge, Registry as PromClient } from 'prom-client';

import { loadSource } from '../scripts/load-source.mjs';
import { claimAtMost, compareAsync, timed } from './support/interleave.mjs';

const { createWriter, LineBatch, Registry } = await loadSource('bench/support/prometheus.ts');

const SERIES = 10_000;
const FIELDS = ['user', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal', 'guest', 'nice', 'guest_nice'];
const LINES = SERIES / FIELDS.length;

console.log(`${SERIES} series: ${LINES} lines of ${FIELDS.length} fields, Node ${process.version}`);

/** A value that is long in text, as most are. */
const valueOf = (round, line, field) => ((round * 7919 + line * 104_729 + field * 1299) % 1_000_003) / 10_007;
const tagsOf = (line) => ({ cpu: `cpu${line % 64}`, host: `server-${Math.floor(line / 64)}`, dc: 'fra1' });

const registry = new Registry({ maxSeries: 100_000, expiration: 60_000, stringAsLabel: false, describe });
const writer = createWriter(registry, false);
const peer = new PromClient();
const gauges = FIELDS.map(
  (field) =>
    new Gauge({
      name: `cpu_usage_${field}`,
      help: `Time ${field}`,
      labelNames: ['cpu', 'host', 'dc'],
      registers: [peer],
    }),
);

update(0);
await verify();

let round = 0;
console.log('the text of one scrape, after all values have changed');
const scrape = await compareAsync(
  {
    'healthd, text': scrapeAfterUpdate(async () => writer('text')),
    'healthd, OpenMetrics': scrapeAfterUpdate(async () => writer('openMetrics')),
    'prom-client, registry.metrics()': scrapeAfterUpdate(() => peer.metrics()),
  },
  { rounds: 25, units: SERIES, unit: 'series' },
);
claimAtMost(
  'a scrape of healthd over one of prom-client',
  scrape['healthd, text'] / scrape['prom-client, registry.metrics()'],
  1.5,
);

const BATCHES = 20;
console.log(`writes of ${LINES} lines of line protocol; what prom-client takes to set as many is for orientation`);
const batches = Array.from({ length: BATCHES }, (_, i) => batchOf(i));
const each = (work) => () =>
  timed(async () => {
    for (const batch of batches) work(batch);
  });
const writes = await compareAsync(
  {
    'healthd, write': each(write),
    'of that, parsing': each((batch) => [...new LineBatch(batch, LINES).metrics()].length),
    'prom-client, gauge.set with labels': each(() => setAll((round += 1))),
  },
  { rounds: 9, units: LINES * BATCHES, unit: 'lines' },
);
console.log(`one write of 1000 lines: ${(writes['healthd, write'] / BATCHES).toFixed(2)} ms`);

function scrapeAfterUpdate(work) {
  return () => {
    update((round += 1));
    // As bytes, as they are sent: text that was only put together costs when it is read.
    return timed(async () => Buffer.from(await work()));
  };
}

function update(round) {
  write(batchOf(round));
  setAll(round);
}

function write(lines) {
  for (const metric of new LineBatch(lines, LINES).metrics()) registry.add(metric, 0);
}

function setAll(round) {
  for (let line = 0; line < LINES; line += 1) {
    const tags = tagsOf(line);
    for (const [index, gauge] of gauges.entries()) gauge.set(tags, valueOf(round, line, index));
  }
}

function batchOf(round) {
  let text = '';
  for (let line = 0; line < LINES; line += 1) {
    const { cpu, dc, host } = tagsOf(line);
    const fields = FIELDS.map((field, index) => `usage_${field}=${valueOf(round, line, index)}`).join(',');
    text += `cpu,cpu=${cpu},dc=${dc},host=${host} ${fields} ${1_700_000_000 + round}000000000\n`;
  }
  return Buffer.from(text);
}

function describe() {
  const fields = FIELDS.map((field) => [`usage_${field}`, { type: 'float', kind: 'gauge', help: `Time ${field}` }]);
  return { fields: Object.fromEntries(fields) };
}

/** A figure counts only if everyone did the same work: the same samples, whatever the order of their labels. */
async function verify() {
  const samples = (text) =>
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.replace(/\{(.*)\}/, (_, labels) => `{${labels.split(',').sort().join(',')}}`))
      .sort();
  const ours = samples(writer('text'));
  assert.equal(ours.length, SERIES);
  assert.deepEqual(ours, samples(await peer.metrics()));
}
