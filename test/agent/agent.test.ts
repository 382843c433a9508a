import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { Agent } from '../../src/agent/agent.ts';
import type { Config } from '../../src/config/config.ts';
import type { ProcessorEntry } from '../../src/gather/entry.ts';
import { LineJournal } from '../../src/journal/line-journal.ts';
import { defineProcessor, z, type Batch, type Metric, type Output, type Processor } from '../../src/plugin/index.ts';
import { manualClock, silentLog } from '../../src/testing.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { configOf, inputEntry, outputEntry, pass } from '../support/kit/runner.ts';
import { settle } from '../support/kit/settle.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-agent-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function collecting() {
  const metrics: Metric[] = [];
  let stops = 0;
  const output: Output = {
    write: (batch: Batch) => {
      metrics.push(...batch.metrics());
      return Promise.resolve();
    },
    stop: () => {
      stops += 1;
    },
  };
  return { output, metrics, stops: () => stops };
}

function counting(name: string) {
  let [gathers, stops] = [0, 0];
  const input = {
    gather: (acc: { add: (name: string, fields: { v: number }) => void }) => {
      gathers += 1;
      acc.add(name, { v: gathers });
    },
    stop: () => {
      stops += 1;
    },
  };
  return { input: input as never, gathers: () => gathers, stops: () => stops };
}

function processorEntry(processor: Processor, alias = 'fake_processor'): ProcessorEntry {
  const plugin = defineProcessor({
    name: 'fake_processor',
    summary: 'Made by a test',
    config: z.strictObject({}),
    create: () => processor,
  });
  return { plugin, alias, options: {}, fingerprint: alias, filter: {} };
}

async function started(parts: Partial<Config>, { onDisk = false } = {}) {
  const clock = manualClock(1_700_000_000_000);
  const shared = { memoryBytes: 1e6, clock, log: silentLog };
  const disk = { directory: join(folder, 'journal'), sync: 'none', maxBytes: 1e8, maxAge: 1e12, keep: 0 } as const;
  const journal = onDisk ? await LineJournal.open({ ...shared, disk }) : LineJournal.inMemory(shared);
  const log = recordingLog();
  const config = configOf({ state_dir: folder, ...parts });
  const agent = new Agent({
    config,
    version: 'test',
    environment: {},
    logFor: () => log,
    clock,
    random: () => 0,
    journal,
  });
  await agent.start();
  await settle();
  const stop = async () => {
    const stopping = agent.stop();
    await pass(clock, 6000, 500);
    await stopping;
  };
  return { agent, journal, clock, log, config, stop };
}

test('what an input reports reaches every output, tagged with the host', async () => {
  const [a, b] = [collecting(), collecting()];
  const { clock, stop } = await started({
    inputs: [inputEntry(counting('m').input)],
    outputs: [outputEntry(a.output, { alias: 'a' }), outputEntry(b.output, { alias: 'b' })],
  });
  await pass(clock, 2000);
  const expected = [{ name: 'm', tags: { host: 'test' }, fields: { v: 1 }, time: 1_700_000_000_000_000_000n }];
  expect(a.metrics).toEqual(expected);
  expect(b.metrics).toEqual(expected);
  await stop();
});

test('a dead output does not delay a healthy one', async () => {
  const alive = collecting();
  const dead: Output = { write: () => new Promise(() => {}) };
  const { clock, stop } = await started({
    inputs: [inputEntry(counting('m').input)],
    outputs: [outputEntry(dead, { alias: 'dead' }), outputEntry(alive.output, { alias: 'alive' })],
  });
  await pass(clock, 42_000);
  expect(alive.metrics.map(({ fields }) => fields['v'])).toEqual([1, 2, 3, 4, 5]);
  await stop();
});

test('processors run in their order, may drop and multiply, and one that throws loses nothing', async () => {
  const { output, metrics } = collecting();
  const rename: Processor = { process: (metric) => ({ ...metric, name: `${metric.name}_renamed` }) };
  const double: Processor = { process: (metric) => [metric, { ...metric, name: 'copy' }] };
  const drop: Processor = { process: (metric) => (metric.name === 'copy' ? undefined : metric) };
  const broken: Processor = {
    process: () => {
      throw new Error('no');
    },
  };
  const processors = [rename, double, drop, broken].map((processor, index) => processorEntry(processor, `p${index}`));
  const { clock, log, stop } = await started({
    inputs: [inputEntry(counting('m').input)],
    processors,
    outputs: [outputEntry(output)],
  });
  await pass(clock, 12_000);
  expect(metrics.map(({ name }) => name)).toEqual(['m_renamed', 'm_renamed']);
  expect(log.lines.filter((line) => line.includes('could not be processed'))).toHaveLength(1);
  await stop();
});

test('what processors hold back is released when due, and at the stop', async () => {
  const { output, metrics } = collecting();
  let held: Metric[] = [];
  const hold: Processor = {
    process: (metric) => {
      held.push(metric);
      return undefined;
    },
    flush: (_now, final) => (final ? held.splice(0) : held.length >= 2 ? held.splice(0) : []),
  };
  held = [];
  const { clock, stop } = await started({
    inputs: [inputEntry(counting('m').input)],
    processors: [processorEntry(hold)],
    outputs: [outputEntry(output, { flush_interval: 1000 })],
  });
  await pass(clock, 5000);
  expect(metrics).toHaveLength(0);
  await pass(clock, 18_000);
  expect(metrics).toHaveLength(2);
  await stop();
  expect(metrics).toHaveLength(3);
});

test('a reload stops and starts only what changed', async () => {
  const { output, metrics, stops } = collecting();
  const [kept, changed, fresh] = [counting('kept'), counting('changed'), counting('fresh')];
  const keptEntry = inputEntry(kept.input, { alias: 'kept', fingerprint: 'kept' });
  const { agent, clock, config, stop } = await started({
    inputs: [keptEntry, inputEntry(changed.input, { alias: 'changed', fingerprint: '1' })],
    outputs: [outputEntry(output)],
  });
  await pass(clock, 1000);
  await agent.reload({
    ...config,
    inputs: [{ ...keptEntry }, inputEntry(fresh.input, { alias: 'changed', fingerprint: '2' })],
  });
  await pass(clock, 30_000);
  expect({ kept: kept.stops(), changed: changed.stops(), fresh: fresh.stops(), output: stops() }).toEqual({
    kept: 0,
    changed: 1,
    fresh: 0,
    output: 0,
  });
  expect(kept.gathers()).toBe(4);
  expect(changed.gathers()).toBe(1);
  expect(fresh.gathers()).toBe(4);
  expect(new Set(metrics.map(({ name }) => name))).toEqual(new Set(['kept', 'changed', 'fresh']));
  await stop();
});

test('an output whose options change keeps what it had not sent', async () => {
  const fixed = collecting();
  const away: Output = { write: () => Promise.reject(new Error('connect ECONNREFUSED')) };
  const { agent, clock, config, stop } = await started({
    inputs: [inputEntry(counting('m').input)],
    outputs: [outputEntry(away, { alias: 'db', fingerprint: 'wrong url' })],
  });
  await pass(clock, 25_000);
  const reloading = agent.reload({
    ...config,
    outputs: [outputEntry(fixed.output, { alias: 'db', fingerprint: 'right url' })],
  });
  await pass(clock, 3000);
  await reloading;
  await pass(clock, 3000);
  expect(fixed.metrics.map(({ fields }) => fields['v'])).toEqual([1, 2, 3]);
  await stop();
});

test('an output that is only renamed sends what it had not sent, once', async () => {
  let isAway = true;
  const { output: taking, metrics } = collecting();
  const output: Output = {
    ...taking,
    write: (batch, signal) => (isAway ? Promise.reject(new Error('away')) : taking.write(batch, signal)),
  };
  const entry = outputEntry(output, { alias: 'before', fingerprint: 'before' });
  const { agent, journal, clock, config, log, stop } = await started({
    inputs: [inputEntry(counting('m').input)],
    outputs: [entry],
  });
  await pass(clock, 3000);
  await agent.reload({ ...config, outputs: [{ ...entry, alias: 'after', fingerprint: 'after' }] });
  isAway = false;
  await pass(clock, 3000);
  expect(metrics.map(({ fields }) => fields['v'])).toEqual([1]);
  expect(journal.status.idle).toEqual([]);
  expect(log.lines.join()).not.toContain('no longer an output');
  await stop();
});

test('what a removed output had not sent is kept for a day', async () => {
  const away: Output = { write: () => Promise.reject(new Error('away')) };
  const { clock, journal, log, agent, config, stop } = await started(
    { inputs: [inputEntry(counting('m').input)], outputs: [outputEntry(away)] },
    { onDisk: true },
  );
  const reloading = agent.reload({ ...config, outputs: [] });
  await pass(clock, 4000, 500);
  await reloading;
  expect(journal.status.idle).toEqual(['fake_output']);
  expect(log.lines.join()).toContain('drop them now: healthd journal forget fake_output');
  await pass(clock, 86_400_000, 3_600_000);
  expect(journal.status.idle).toEqual([]);
  expect(log.lines).toContain(
    'warn: The unsent lines of fake_output are given up: it has not been an output for a day',
  );
  await stop();
});

test('U-008: a reload that a plugin refuses changes nothing', async () => {
  const { output, metrics } = collecting();
  const { agent, clock, config, stop } = await started({
    inputs: [inputEntry(counting('m').input)],
    outputs: [outputEntry(output)],
  });
  const bad = inputEntry({}, { alias: 'bad', fingerprint: 'bad' });
  const refusing = { ...bad, plugin: { ...bad.plugin, create: () => Promise.reject(new Error('no such mode')) } };
  await expect(agent.reload({ ...config, inputs: [refusing] })).rejects.toThrow('no such mode');
  await pass(clock, 22_000);
  expect(metrics).toHaveLength(3);
  await stop();
});

test('a refused reload leaves no cursor behind that would hold lines for nobody', async () => {
  const { agent, journal, clock, config, stop } = await started({
    inputs: [inputEntry(counting('m').input)],
    outputs: [outputEntry(collecting().output)],
  });
  const bad = inputEntry({}, { alias: 'bad', fingerprint: 'bad' });
  const refusing = { ...bad, plugin: { ...bad.plugin, create: () => Promise.reject(new Error('no such mode')) } };
  const fresh = outputEntry(collecting().output, { alias: 'fresh', fingerprint: 'fresh' });
  await expect(agent.reload({ ...config, inputs: [refusing], outputs: [...config.outputs, fresh] })).rejects.toThrow();
  // Had it been kept, the cursor of that name would be behind by what was gathered since.
  await pass(clock, 22_000);
  expect(journal.reader('fresh').pendingLines).toBe(0);
  await stop();
});

test('reopen reaches every output, and one that fails is reported', async () => {
  let reopened = 0;
  const good: Output = { ...collecting().output, reopen: () => Promise.resolve(void (reopened += 1)) };
  const bad: Output = { ...collecting().output, reopen: () => Promise.reject(new Error('no permission')) };
  const { agent, log, stop } = await started({
    outputs: [outputEntry(bad, { alias: 'bad' }), outputEntry(good, { alias: 'good' })],
  });
  await agent.reopen();
  expect(reopened).toBe(1);
  expect(log.lines).toContain('error: Could not reopen bad: no permission');
  await stop();
});

test('a plugin that does not stop is left behind', async () => {
  const { log, clock, agent } = await started({
    inputs: [inputEntry({ gather: () => undefined, stop: () => new Promise(() => {}) })],
    outputs: [outputEntry(collecting().output)],
  });
  const stopping = agent.stop();
  await pass(clock, 6000, 500);
  await stopping;
  expect(log.lines).toContain('warn: fake did not stop in time and is left behind');
});

test('W-019: a closing console leaves less time than stop_timeout, and the agent ends within it', async () => {
  const output: Output = { write: () => new Promise(() => undefined), stop: () => new Promise(() => undefined) };
  const { agent, clock } = await started({
    inputs: [inputEntry(counting('m').input)],
    outputs: [outputEntry(output, { alias: 'hangs' })],
  });
  await pass(clock, 2000);
  let hasEnded = false;
  const stopping = agent.stop(2000).then(() => (hasEnded = true));
  await pass(clock, 1000, 100);
  expect(hasEnded).toBe(false);
  await pass(clock, 1000, 100);
  expect(hasEnded).toBe(true);
  await stopping;
});
