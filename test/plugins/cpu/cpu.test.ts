import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout } from 'node:timers/promises';

import { expect, test } from '@jest/globals';

import { cpu } from '../../../src/plugins/cpu/index.ts';
import { parseCpuTimes } from '../../../src/plugins/cpu/stat.ts';
import { silentLog, testInput, type Gathered } from '../../../src/testing.ts';
import { goldenFolders } from '../../support/golden/golden.ts';
import { tree } from '../../support/kit/tree.ts';

// The harness replaces files, which a cached descriptor would not show.
goldenFolders({
  ...cpu,
  create: (config, context) =>
    cpu.create(cpu.config.parse(config), { ...context, host: { ...context.host, read: (path) => readFileSync(path) } }),
});

const seriesOf = ({ metrics }: Gathered) => metrics.map(({ tags }) => tags['cpu']);

test('the first gather reports nothing, the second one point per CPU and the total', async () => {
  const input = await testInput(cpu, { provider: 'native' });
  expect(await input.gather()).toEqual({ metrics: [], errors: [] });
  await burn(60);
  const { metrics, errors } = await input.gather();
  expect(errors).toEqual([]);
  // A CPU whose counters did not change within the 60 ms is skipped.
  expect(metrics.at(-1)?.tags).toEqual({ cpu: 'cpu-total', host: 'test' });
  const total = metrics.at(-1)!.fields as Record<string, number>;
  const sum = Object.values(total).reduce((a, b) => a + b, 0);
  expect(sum).toBeGreaterThan(99.99);
  expect(sum).toBeLessThan(100.01);
  await input.stop();
});

test('usage matches /proc/stat', async () => {
  const root = { HOST_PROC: '/proc' };
  const input = await testInput(cpu, { percpu: false, provider: 'native' }, { environment: root });
  const first = await bracket(() => input.gather());
  await burn(80);
  const second = await bracket(() => input.gather());
  const { usage_idle } = second.result.metrics[0]!.fields as Record<string, number>;
  // The gathered values lie between two readings around them.
  const idle = (from: number[], to: number[]) => to[3]! - from[3]!;
  const all = (from: number[], to: number[]) => sumOf(to) - sumOf(from);
  const least = (100 * idle(first.after, second.before)) / all(first.before, second.after);
  const most = (100 * idle(first.before, second.after)) / all(first.after, second.before);
  expect(usage_idle).toBeGreaterThanOrEqual(Math.floor(least));
  expect(usage_idle).toBeLessThanOrEqual(Math.ceil(most));
  await input.stop();
});

test('times match those of Node', async () => {
  const native = await testInput(cpu, { collect_cpu_time: true, provider: 'native' });
  const portable = await testInput(cpu, { collect_cpu_time: true, provider: 'portable' });
  const [a, b] = [await native.gather(), await portable.gather()];
  expect(seriesOf(a)).toEqual([...cpus().keys(), 'total'].map((n) => (n === 'total' ? 'cpu-total' : `cpu${n}`)));
  expect(seriesOf(b)).toEqual(seriesOf(a));
  for (const [index, { fields }] of a.metrics.entries()) {
    for (const field of ['time_user', 'time_system', 'time_idle', 'time_nice']) {
      const [x, y] = [fields[field], b.metrics[index]?.fields[field]].map(Number);
      expect(Math.abs(x! - y!)).toBeLessThan(0.5);
    }
  }
  await Promise.all([native.stop(), portable.stop()]);
});

test('the portable provider reports usage', async () => {
  const input = await testInput(cpu, { percpu: false, report_active: true }, { platform: 'darwin' });
  await input.gather();
  await burn(60);
  const fields = (await input.gather()).metrics[0]!.fields as Record<string, number>;
  expect(fields['usage_active']! + fields['usage_idle']!).toBeCloseTo(100, 3);
  expect(fields['usage_user']).toBeGreaterThan(0);
  expect(fields['usage_steal']).toBe(0);
  await input.stop();
});

/** Gathers from a machine with one CPU for each value of steal; each second takes 10 ticks of user and 90 of idle. */
async function withSteal(...steals: readonly string[]) {
  const line = (name: string, step: number) => `${name} ${10 * step} 0 0 ${90 * step} 0 0 0 ${steals[step]} 0 0\n`;
  const stat = (step: number) => `${line('cpu ', step)}${line('cpu0', step)}intr 0\n`;
  const proc = tree({ stat: stat(0) });
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (message: string) => warnings.push(message) };
  const options = { provider: 'native', collect_cpu_time: true, report_active: true } as const;
  const input = await testInput(cpu, options, { environment: { HOST_PROC: proc.root }, log });
  const gathered: Gathered[] = [];
  for (const step of steals.keys()) {
    proc.write({ stat: stat(step) });
    gathered.push(await input.gather());
  }
  await input.stop();
  proc.remove();
  const usages = gathered.flatMap(({ metrics }) =>
    metrics.map(({ fields }) => fields).filter((each) => 'usage_user' in each),
  );
  return { errors: gathered.flatMap(({ errors }) => errors), warnings, usages, gathered };
}

const SHARES = { usage_user: 10, usage_idle: 90, usage_active: 10 };

test('C-014: steal that runs backwards costs the steal column only, and is logged once', async () => {
  const { errors, warnings, usages } = await withSteal('90000000000', '82000000000', '74000000000', '66000000000');
  expect(errors).toEqual([]);
  expect(usages).toHaveLength(6);
  for (const usage of usages) {
    expect(usage).toMatchObject(SHARES);
    expect(usage).not.toHaveProperty('usage_steal');
  }
  expect(warnings).toEqual(['The CPU time "steal" is absurd or runs backwards; usage_steal is left out while it does']);
});

test('C-014: steal is back as soon as it makes sense', async () => {
  const { usages } = await withSteal('500', '400', '500');
  expect(usages.slice(2)).toEqual(
    Array(2).fill(expect.objectContaining({ usage_user: 5, usage_idle: 45, usage_steal: 50 })),
  );
});

test('C-015: an absurd steal costs that column only, and no error speaks of mounts', async () => {
  const absurd = '18446744073709550000';
  const { errors, warnings, usages, gathered } = await withSteal(absurd, absurd, absurd);
  expect(errors).toEqual([]);
  expect(usages).toHaveLength(4);
  for (const usage of usages) {
    expect(usage).toMatchObject(SHARES);
    expect(usage).not.toHaveProperty('usage_steal');
  }
  const times = gathered[2]!.metrics[0]!.fields;
  expect(times).toMatchObject({ time_user: 0.2, time_idle: 1.8, time_active: expect.closeTo(0.2) });
  expect(times).not.toHaveProperty('time_steal');
  expect(warnings).toHaveLength(1);
});

test('C-015: an absurd value of the kernel itself makes the line invalid, since all shares depend on it', () => {
  const text = 'cpu  1 2 3 18446744073709550000 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 18446744073709550000 10\n';
  expect([...parseCpuTimes(Buffer.from(text)).keys()]).toEqual(['cpu0']);
});

test('nothing after the cpu lines is parsed', () => {
  const text = 'cpu  1 2 3 4 5 6 7 8 9 10\ncpu12 1 2 3 4\nintr 1\ncpu3 9 9 9 9\n';
  expect([...parseCpuTimes(Buffer.from(text)).keys()]).toEqual(['cpu-total', 'cpu12']);
});

test.each(['percpus', 'per_cpu'])('rejects the unknown option %s', (name) => {
  expect(cpu.config.safeParse({ [name]: true }).success).toBe(false);
});

/** Keeps one CPU busy so that the counters change, and waits until they are updated. */
async function burn(ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until) Math.sqrt(performance.now());
  await setTimeout(20);
}

async function bracket<T>(run: () => Promise<T>): Promise<{ before: number[]; result: T; after: number[] }> {
  const before = readTotal();
  const result = await run();
  return { before, result, after: readTotal() };
}

function readTotal(): number[] {
  return readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.split(/ +/).slice(1).map(Number);
}

function sumOf(columns: number[]): number {
  return columns.slice(0, 8).reduce((a, b) => a + b, 0);
}
