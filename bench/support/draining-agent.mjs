/** Drains a journal in a process that does nothing else: `node draining-agent.mjs <journal> <url> <lines>`. */
import { setTimeout as sleep } from 'node:timers/promises';

import { loadSource } from '../../scripts/load-source.mjs';
import { drain, openJournal } from './draining.mjs';

const [, , directory, url, lines] = process.argv;
const core = await loadSource('bench/support/journal.ts');
const journal = await openJournal(core, directory);
globalThis.gc();
await sleep(500);
process.send('ready');
process.once('message', async () => {
  process.send({ ms: await drain(core, journal, url, Number(lines)) });
  await journal.close();
  process.disconnect();
});
