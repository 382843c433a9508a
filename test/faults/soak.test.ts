/**
 * The built agent at one second with its default inputs: its memory does not grow. `npm run test:soak` runs it for 65 minutes;
 * otherwise a sample of a minute shows a fast leak only.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from '@jest/globals';

import { startCli } from '../support/kit/cli.ts';
import { serverFolder, testWith } from '../support/servers/real-server.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 1);
/** When the first figure is taken: the caches of code and series are full by then. */
const WARM_UP_MINUTES = MINUTES >= 20 ? 10 : MINUTES / 2;
/** Pages that a sample of a minute still gains while code is compiled, and those of an hour. MiB. */
const MAY_GROW = MINUTES >= 20 ? 6 : 25;

/** Resident memory in MiB: the lowest of a few readings, so that one before a garbage collection does not count. */
async function memoryOf(pid: number): Promise<number> {
  const readings: number[] = [];
  for (let reading = 0; reading < 5; reading += 1) {
    const [, pages = 0] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ').map(Number);
    readings.push((pages * 4096) / 2 ** 20);
    await sleep(1000);
  }
  return Math.min(...readings);
}

testWith({ binary: 'bash', package: 'bash' })(
  `F-027: memory stays level for ${MINUTES} min at one second with the default inputs`,
  async () => {
    const folder = serverFolder('soak');
    const config = join(folder.path, 'healthd.yaml');
    writeFileSync(config, `agent: { interval: 1s, state_dir: ${join(folder.path, 'state')} }\noutputs: [discard]\n`);
    const cli = startCli(['run', '--config', config], { cwd: folder.path });
    try {
      await cli.until('Started', 30_000);
      const pid = cli.child.pid ?? 0;
      await sleep(WARM_UP_MINUTES * 60_000);
      const warm = await memoryOf(pid);
      await sleep((MINUTES - WARM_UP_MINUTES) * 60_000);
      const end = await memoryOf(pid);
      process.stdout.write(
        `Soak test: ${warm.toFixed(1)} MiB after ${WARM_UP_MINUTES} min, ${end.toFixed(1)} MiB after ${MINUTES} min\n`,
      );
      expect(end - warm).toBeLessThan(MAY_GROW);
    } finally {
      await cli.end();
      folder.remove();
    }
  },
  (MINUTES + 2) * 60_000,
);
