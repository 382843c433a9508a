/** A process with a plugin that blocks its event loop, and a watchdog with short limits. Started by `watchdog.test.ts`. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { Watchdog } from '../../../src/host/watchdog/watchdog.ts';
import { defineInput, defineProcessor, type Input } from '../../../src/plugin/index.ts';
import { silentLog, testContext } from '../../../src/testing.ts';

const say = (message: string) => process.stdout.write(`${message}\n`);

const watchdog = new Watchdog({
  program: new URL('watchdog-thread.js', import.meta.url),
  log: { ...silentLog, warn: say, error: say },
  format: 'text',
  limits: { tickMs: 200, warnAfter: 2, endAfter: 15 },
});

function spinFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

const INPUTS: Readonly<Record<string, Input['gather']>> = {
  'a gather': () => {
    spinFor(60_000);
  },
  'after an await': async () => {
    await sleep(10);
    spinFor(60_000);
  },
  'a system call': () => {
    execFileSync('sleep', ['60']);
  },
  'for a while': () => {
    spinFor(1000);
  },
  'a processor': () => {
    void processor.process({ name: 'm', tags: {}, fields: {}, time: 0n });
  },
  nothing: async () => {
    await sleep(4000);
  },
};

const [, , scenario = ''] = process.argv;
const shared = { fingerprint: '', filter: {}, options: {} };
const definition = { name: 'spin', summary: '', config: z.object({}) };
const context = testContext();

const plugin = defineInput({
  ...definition,
  metrics: {},
  create() {
    if (scenario === 'create') spinFor(60_000);
    return { gather: INPUTS[scenario] ?? (() => undefined) };
  },
});
const processing = defineProcessor({
  ...definition,
  create: () => ({
    process: (metric) => {
      spinFor(60_000);
      return metric;
    },
  }),
});

const processor = await watchdog.watch({ ...shared, alias: 'heavy', plugin: processing }).plugin.create({}, context);
// The thread needs a moment to start; a real plugin blocks later than that.
await sleep(500);
const input = (await watchdog.watch({ ...shared, alias: 'a', plugin }).plugin.create({}, context)) as Input;
await input.gather({ add: () => undefined, error: () => undefined }, new AbortController().signal);
await sleep(500);
say('ended by itself');
process.exit();
