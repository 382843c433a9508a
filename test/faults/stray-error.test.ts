import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { startCli, type RunningCli } from '../support/kit/cli.ts';
import { waitFor } from '../support/servers/real-server.ts';

let folder: string;
let cli: RunningCli | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-stray-'));
});

afterEach(async () => {
  await cli?.end('SIGKILL');
  rmSync(folder, { recursive: true });
});

const inputWith = (gather: string) => `
import { defineInput, z } from 'healthd/plugin';
export const stray = defineInput({
  name: 'stray',
  summary: 'Leaves errors behind',
  config: z.strictObject({}),
  metrics: {},
  create: () => ({
    gather(acc) {
      acc.add('stray', { v: 1 });
      ${gather}
    },
  }),
});
`;

const NOTIFIER = `
import { defineNotifier, z } from 'healthd/plugin';
export const lost = defineNotifier({
  name: 'lost',
  summary: 'Leaves an error behind',
  config: z.strictObject({}),
  create: () => ({
    async notify() {
      setTimeout(() => { throw new Error('thrown by a timer'); });
    },
  }),
});
`;

/** Two plugins in one folder, so that only the file tells them apart. */
function start(stray: string): RunningCli {
  const config = join(folder, 'healthd.yaml');
  writeFileSync(join(folder, 'stray.ts'), inputWith(stray));
  writeFileSync(join(folder, 'lost.ts'), NOTIFIER);
  writeFileSync(
    config,
    `agent: { interval: 500ms, flush_interval: 100ms, state_dir: ${join(folder, 'state')} }
inputs: [mem, internal, { ./stray.ts: { alias: mine } }]
outputs: [{ file: { path: ${join(folder, 'metrics.lp')} } }]
notifiers: { pager: { ./lost.ts: {} } }
alerts: { defaults: off, rules: [{ id: low, metric: mem.used_percent, above: { critical: 0 } }] }
`,
  );
  cli = startCli(['run', '--config', config]);
  return cli;
}

function metrics(name: string): readonly string[] {
  const path = join(folder, 'metrics.lp');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text.split('\n').filter((line) => line.startsWith(`${name},`));
}

test('U-005: a rejection that a plugin does not handle stops that plugin only, and a reload starts it again', async () => {
  const daemon = start("void Promise.reject(new Error('nobody waits'));");
  await daemon.until(`Unhandled error in ${join(folder, 'stray.ts')}: nobody waits`);
  await daemon.until('a reload starts it again: mine');
  const [before, strays] = [metrics('mem').length, metrics('stray').length];
  await waitFor(() => metrics('mem').length >= before + 3);
  expect(metrics('stray').length).toBeLessThanOrEqual(Math.max(1, strays));
  await waitFor(() => metrics('internal_agent').at(-1)?.includes('unhandled_errors=') ?? false);
  expect(metrics('internal_agent').at(-1)).toMatch(/unhandled_errors=[1-9]\d*i/);
  daemon.child.kill('SIGHUP');
  await daemon.until('Reloaded');
  await waitFor(() => metrics('stray').length > strays);
  expect(await daemon.end()).toMatchObject({ code: 0 });
});

test('U-005: an exception in a timer of a notifier stops that notifier, and the agent says so', async () => {
  const daemon = start('');
  await daemon.until(`Unhandled error in ${join(folder, 'lost.ts')}: thrown by a timer`, 30_000);
  await daemon.until('a reload starts it again: pager');
  const before = metrics('stray').length;
  await waitFor(() => metrics('stray').length >= before + 3);
  expect(await daemon.end()).toMatchObject({ code: 0 });
}, 60_000);

test('U-005: twenty errors without origin end the agent after a last flush, with exit code 1', async () => {
  const daemon = start("for (let i = 0; i < 20; i += 1) void Promise.reject('without a stack');");
  const { code, stderr } = await daemon.finished;
  expect(code).toBe(1);
  expect(stderr).toContain('Unhandled error: without a stack');
  expect(stderr).toContain('20 unhandled errors within a minute; the agent stops');
  expect(stderr).toContain('Stopped');
  expect(metrics('mem').length).toBeGreaterThan(0);
});

test('U-028: errors of plugins are logged with file and line, those of a processor by name', async () => {
  const file = join(folder, 'faulty.mjs');
  writeFileSync(
    file,
    `import { defineInput, defineNotifier, defineOutput, defineProcessor, z } from 'healthd/plugin';
const config = z.strictObject({});
export const a = defineInput({ name: 'in', summary: '', config, metrics: {}, create: () => ({
  gather() { null.depth; } }) });
export const b = defineProcessor({ name: 'between', summary: '', config, create: () => ({
  process: () => ({ hello: 1 }) }) });
export const c = defineOutput({ name: 'out', summary: '', config, create: () => ({
  async write() { undefined.send(); } }) });
export const d = defineNotifier({ name: 'tell', summary: '', config, create: () => ({
  async notify() { await 1; undefined.post(); } }) });
`,
  );
  const config = join(folder, 'healthd.yaml');
  writeFileSync(
    config,
    `agent: { interval: 500ms, flush_interval: 100ms, state_dir: ${join(folder, 'state')} }
plugins: [./faulty.mjs]
inputs: [mem, in]
processors: [between]
outputs: [out]
notifiers: { pager: { tell: {} } }
alerts: { defaults: off, rules: [{ id: low, metric: mem.used_percent, above: { critical: 0 } }] }
`,
  );
  const daemon = startCli(['run', '--config', config]);
  cli = daemon;
  const at = (line: number) => `${file}:${line}:\\d+`;
  await daemon.until(new RegExp(`Gather failed: .*'depth'\\) at=${at(4)}`));
  await daemon.until(
    /\[processors\.between\] A metric .* unchanged: process returned \{ hello: 1 \}, which is no metric/,
  );
  await daemon.until(new RegExp(`'send'\\).* at=${at(8)}`));
  await daemon.until(new RegExp(`'post'\\) \\(${at(10)}\\)`));
});
