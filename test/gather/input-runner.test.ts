import { expect, test } from '@jest/globals';

import { InputRunner } from '../../src/gather/input-runner.ts';
import { Timetable } from '../../src/gather/timetable.ts';
import { noGathers } from '../../src/gather/counters.ts';
import type { InputEntry } from '../../src/gather/entry.ts';
import type { Metric } from '../../src/metric/metric.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { inputEntry, pass, runnerContext } from '../support/kit/runner.ts';
import { settle } from '../support/kit/settle.ts';

async function started(entry: InputEntry) {
  const clock = manualClock(1_700_000_000_000);
  const log = recordingLog();
  const metrics: Metric[] = [];
  const counters = noGathers();
  const runner = await InputRunner.create({
    entry,
    context: runnerContext(clock, log),
    globalTags: () => ({ host: 'test', dc: 'fra1' }),
    isScheduled: true,
    counters,
    push: (metric) => metrics.push(metric),
    random: () => 0,
    timetable: new Timetable(clock, () => 0),
    takeTurn: (work) => {
      work();
    },
  });
  runner.start();
  await settle();
  const stop = async () => {
    const stopping = runner.stop(AbortSignal.abort());
    await pass(clock, 1000);
    await stopping;
  };
  return { clock, log, metrics, counters, runner, stop };
}

test('a gather is stamped with its scheduled time and tagged: plugin over entry over global', async () => {
  const entry = inputEntry(
    {
      gather: (acc) => {
        acc.add('m', { v: 1 }, { own: 'a', dc: 'own' });
      },
    },
    { tags: { dc: 'entry', role: 'db' } },
  );
  const { metrics, stop } = await started(entry);
  expect(metrics).toEqual([
    {
      name: 'm',
      tags: { own: 'a', dc: 'own', role: 'db', host: 'test' },
      fields: { v: 1 },
      time: 1_700_000_000_000_000_000n,
    },
  ]);
  await stop();
});

test('U-021: points against the catalog are logged once, and the gather counts as good', async () => {
  const metrics = { m: { fields: { depth: { type: 'int', help: 'Jobs' } } } } as const;
  const gather = (acc: { add: (name: string, fields: object) => void }) => {
    acc.add('m', { depth: NaN, depht: 2 });
  };
  const { clock, log, counters, stop } = await started(inputEntry({ gather: gather }, {}, metrics));
  await pass(clock, 30_000);
  expect(log.lines).toEqual([
    'warn: m.depth: NaN in a field declared int; it is left out',
    "warn: m.depht: the field is not declared in the plugin's metrics",
  ]);
  expect(counters).toMatchObject({ metrics_gathered: 4, gather_errors: 0 });
  await stop();
});

test('the filter of the entry is applied', async () => {
  const gather = (acc: { add: (name: string, fields: { a: number; b: number }) => void }) => {
    acc.add('kept', { a: 1, b: 2 });
    acc.add('other', { a: 1, b: 2 });
  };
  const { metrics, counters, stop } = await started(
    inputEntry({ gather: gather }, { filter: { only: { names: ['k*'] }, fields: { drop: ['b'] } } }),
  );
  expect(metrics.map(({ name, fields }) => ({ name, fields }))).toEqual([{ name: 'kept', fields: { a: 1 } }]);
  expect(counters.metrics_gathered).toBe(1);
  await stop();
});

test('a plugin that throws is counted, logged once while it goes on, and when it is over', async () => {
  let broken = true;
  const { clock, log, counters, stop } = await started(
    inputEntry({
      gather: () => {
        if (broken) throw new Error('no such file /proc/stat');
      },
    }),
  );
  await pass(clock, 50_000);
  broken = false;
  await pass(clock, 10_000);
  expect(counters.gather_errors).toBe(6);
  expect(log.lines).toEqual(['warn: Gather failed: no such file /proc/stat', 'info: Gathering works again after 1m']);
  await stop();
});

test('U-035: a plugin that never resolves is told, reported and skipped, and its signal is aborted', async () => {
  let calls = 0;
  let signal: AbortSignal | undefined;
  const gather = (_acc: unknown, given: AbortSignal) => {
    calls += 1;
    signal = given;
    return new Promise<void>(() => {});
  };
  const { clock, log, counters, stop } = await started(inputEntry({ gather }, { timeout: 5000 }));
  await pass(clock, 40_000);
  expect(calls).toBe(1);
  expect(signal?.aborted).toBe(true);
  expect(counters).toMatchObject({ gather_timeouts: 1, gather_skipped: 4 });
  expect(log.lines).toEqual([
    'warn: Gather failed: The gather did not end within 5s',
    'warn: The previous gather has not ended; ticks are skipped until it does',
  ]);
  await stop();
});

test('a gather that honours its deadline is a timeout, not an error, and runs again at the next tick', async () => {
  let calls = 0;
  const gather = (_acc: unknown, signal: AbortSignal) => {
    calls += 1;
    return new Promise<void>((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
  };
  const { clock, counters, stop } = await started(inputEntry({ gather }, { timeout: 5000 }));
  await pass(clock, 20_000);
  expect(calls).toBe(3);
  expect(counters).toMatchObject({ gather_timeouts: 2, gather_errors: 0, gather_skipped: 0 });
  await stop();
});

test('a plugin that floods loses what is over the bound of one gather', async () => {
  const gather = (acc: { add: (name: string, fields: { v: number }) => void }) => {
    for (let index = 0; index < 100_010; index += 1) acc.add('m', { v: index });
  };
  const { metrics, log, stop } = await started(inputEntry({ gather: gather }));
  expect(metrics).toHaveLength(100_000);
  expect(log.lines).toEqual(['warn: Gather failed: more than 100000 points in one gather; the rest is left out']);
  await stop();
});

test('one failing part is reported and does not stop the rest', async () => {
  const { metrics, counters, stop } = await started(
    inputEntry({
      gather: (acc) => {
        acc.error(new Error('sda is gone'));
        acc.add('m', { v: 1 });
      },
    }),
  );
  expect(metrics).toHaveLength(1);
  expect(counters.gather_errors).toBe(1);
  await stop();
});

test('a stream that ends or fails is started again with backoff, and ends at the stop', async () => {
  let runs = 0;
  const run = (_acc: unknown, signal: AbortSignal) => {
    runs += 1;
    if (runs === 1) return Promise.resolve();
    if (runs === 2) return Promise.reject(new Error('connection reset'));
    return new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
  };
  const { clock, log, stop } = await started(inputEntry({ run }));
  await pass(clock, 5000);
  expect(runs).toBe(3);
  expect(log.lines).toEqual([
    'warn: Gather failed: the stream ended by itself',
    'warn: Gather failed: connection reset',
  ]);
  await stop();
});

test('the status says when the last gather was, how long it took, and why it failed', async () => {
  let fails = false;
  const gather = (acc: { add: (name: string, fields: { v: number }) => void }) => {
    if (fails) throw new Error('no such device');
    acc.add('m', { v: 1 });
  };
  const { clock, runner, stop } = await started(inputEntry({ gather }));
  expect(runner.status).toEqual({
    alias: 'fake',
    plugin: 'fake',
    intervalMs: 10_000,
    lastAt: 1_700_000_000_000,
    lastMs: 0,
    metrics: 1,
    errors: 0,
    error: undefined,
  });
  fails = true;
  await pass(clock, 10_000);
  expect(runner.status).toMatchObject({ lastAt: 1_700_000_010_000, errors: 1, error: 'no such device' });
  fails = false;
  await pass(clock, 10_000);
  expect(runner.status).toMatchObject({ lastAt: 1_700_000_020_000, errors: 1, error: undefined });
  await stop();
});
