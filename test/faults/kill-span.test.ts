/** How much of the last moment `kill -9` takes, under load. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from '@jest/globals';

import { startCli } from '../support/kit/cli.ts';
import { serverFolder, testWith } from '../support/servers/real-server.ts';

import { readJournal } from './journal-reader.ts';

/** As docs/journal.md states it for an agent that has more to do than one core can. Milliseconds. */
const STATED_MS = 2000;
const ROUNDS = 5;

const PLUGIN = `
import { setTimeout as sleep } from 'node:timers/promises';
import { defineInput, z } from 'healthd/plugin';

export default defineInput({
  name: 'clock',
  summary: 'Points with the time at which they were added',
  config: z.strictObject({}),
  metrics: { now: { tags: {}, fields: { n: { type: 'int', unit: '', help: 'From 0 on' } } } },
  create: () => ({
    async run(acc, signal) {
      for (let n = 0; ; ) {
        for (const end = n + 500; n < end; n += 1) acc.add('now', { n }, {}, BigInt(Date.now()) * 1_000_000n + BigInt(n % 1_000_000));
        await sleep(10, undefined, { signal });
      }
    },
  }),
});
`;

testWith({ binary: 'bash', package: 'bash' })(
  `F-028: kill -9 under load takes at most the last ${STATED_MS} ms`,
  async () => {
    const folder = serverFolder('kill-span');
    const config = join(folder.path, 'healthd.json');
    writeFileSync(join(folder.path, 'clock.ts'), PLUGIN);
    const content = {
      agent: { state_dir: join(folder.path, 'state'), omit_hostname: true },
      inputs: [{ './clock.ts': {} }],
      outputs: [{ influxdb: { url: 'http://127.0.0.1:9', database: 'telegraf' } }],
    };
    writeFileSync(config, JSON.stringify(content));
    const spans: number[] = [];
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        const cli = startCli(['run', '--config', config], { cwd: folder.path });
        await cli.until(/Started/, 30_000);
        await sleep(700 + 300 * round);
        const killed = Date.now();
        await cli.end('SIGKILL');
        const last = readJournal(join(folder.path, 'state/journal'))
          .records.at(-1)
          ?.text()
          .trimEnd()
          .split('\n')
          .at(-1);
        const time = Number(/ (\d+)$/.exec(last ?? '')?.[1]) / 1e6;
        spans.push(Math.round(killed - time));
      }
    } finally {
      folder.remove();
    }
    process.stdout.write(`kill -9 took the last ${spans.join(', ')} ms\n`);
    expect(Math.max(...spans)).toBeLessThan(STATED_MS);
    // Points were journalled at all, and shortly before the kill.
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(-1);
  },
  120_000,
);
