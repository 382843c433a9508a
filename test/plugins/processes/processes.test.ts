import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { systemClock } from '../../../src/core/clock.ts';
import type { Clock } from '../../../src/plugin/index.ts';
import { processes } from '../../../src/plugins/processes/index.ts';
import { countProcesses } from '../../../src/plugins/processes/native.ts';
import { parseProcessStat } from '../../../src/plugins/processes/stat.ts';
import { testInput } from '../../../src/testing.ts';
import { goldenFolders } from '../../support/golden/golden.ts';

goldenFolders(processes);

test('process and thread counts match /proc of this machine', async () => {
  const input = await testInput(processes, { provider: 'native' });
  const before = census();
  const { metrics, errors } = await input.gather();
  const after = census();
  expect(errors).toEqual([]);
  const fields = metrics[0]!.fields;
  const near = (value: unknown, a: number, b: number, slack: number) => {
    expect(Number(value)).toBeGreaterThanOrEqual(Math.min(a, b) - slack);
    expect(Number(value)).toBeLessThanOrEqual(Math.max(a, b) + slack);
  };
  // Processes start and end at any moment.
  near(fields['total'], before.processes, after.processes, 25);
  near(fields['total_threads'], before.threads, after.threads, 100);
  expect(Number(fields['running'])).toBeGreaterThanOrEqual(1);
  await input.stop();
});

test('the counts by state add up to the total', async () => {
  const { total, total_threads, ...states } = await countProcesses('/proc', systemClock, AbortSignal.timeout(10_000));
  expect(Object.values<number>(states).reduce((a, b) => a + b, 0)).toBe(total);
  expect(total_threads).toBeGreaterThan(total / 2);
});

test('the portable provider agrees with the native one', async () => {
  const native = await testInput(processes, { provider: 'native' });
  const portable = await testInput(processes, { provider: 'portable' });
  const [a, b] = [await native.gather(), await portable.gather()].map(({ metrics }) => metrics[0]!.fields);
  for (const field of ['total', 'sleeping', 'idle', 'zombies']) {
    expect(Math.abs(Number(a![field]) - Number(b![field]))).toBeLessThanOrEqual(30);
  }
  await Promise.all([native.stop(), portable.stop()]);
});

test('many processes are read in slices that yield to the event loop, and an abort stops reading', async () => {
  const proc = mkdtempSync(join(tmpdir(), 'healthd-processes-'));
  try {
    for (let pid = 1; pid <= 200; pid += 1) {
      mkdirSync(join(proc, String(pid)));
      writeFileSync(join(proc, String(pid), 'stat'), `${pid} (x) S 1${' 0'.repeat(15)} 2 0 0\n`);
    }
    let turns = 0;
    let immediate = setImmediate(function turn() {
      turns += 1;
      immediate = setImmediate(turn);
    });
    const counts = await countProcesses(proc, tickingClock(), AbortSignal.timeout(10_000));
    clearImmediate(immediate);
    expect(counts).toMatchObject({ total: 200, sleeping: 200, total_threads: 400 });
    // A quarter of a millisecond each: four per slice.
    expect(turns).toBeGreaterThanOrEqual(49);

    const controller = new AbortController();
    const running = countProcesses(proc, tickingClock(), controller.signal);
    controller.abort(new Error('deadline'));
    await expect(running).rejects.toThrow('deadline');
  } finally {
    rmSync(proc, { recursive: true });
  }
});

test('the command name ends at the last parenthesis', () => {
  const stat = Buffer.from(`7 (a) Z 1 2 (b\n)) R 1${' 0'.repeat(15)} 42 0 0\n`);
  expect(parseProcessStat(stat)).toEqual({ state: 'R'.charCodeAt(0), threads: 42 });
});

/** Advances by a quarter of a millisecond at each call. */
function tickingClock(): Pick<Clock, 'elapsed'> {
  let now = 0;
  return { elapsed: () => (now += 0.25) };
}

function census(): { processes: number; threads: number } {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const threads = pids.map((pid) => {
    try {
      return Number(/^Threads:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    } catch (error) {
      expect(['ENOENT', 'ESRCH']).toContain((error as NodeJS.ErrnoException).code);
      return 0;
    }
  });
  return { processes: pids.length, threads: threads.reduce((a, b) => a + b, 0) };
}
