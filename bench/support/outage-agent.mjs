/**
 * One host's lines at 10 s into a journal, while the only output is down, on a clock that is told to move:
 * `node --expose-gc outage-agent.mjs <journal> <ticks> <ticks between reports>`. Reports resident memory and heap.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { loadSource } from '../../scripts/load-source.mjs';
import { groupsOf, influxdbRunner, openJournal } from './draining.mjs';

const [, , directory, ticks, every] = process.argv;
const LINES = 40;
/** Of different values; then they come again. */
const DISTINCT = 50;
/** The group is old enough to be a record; it is forced to the disk; the rest of the interval. Milliseconds. */
const PHASES = [150, 1100, 8750];
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9';

const core = await loadSource('bench/support/journal.ts');
const clock = core.manualClock();
const journal = await openJournal(core, directory, clock);
const { runner } = await influxdbRunner(core, journal, NOWHERE, clock);
const groups = groupsOf(core, DISTINCT, LINES, 1);
runner.start();
for (let tick = 1; tick <= Number(ticks); tick += 1) {
  journal.append(groups[tick % DISTINCT], LINES);
  runner.notify();
  for (const ms of PHASES) {
    clock.advance(ms);
    await sleep(1);
  }
  if (tick % Number(every) !== 0) continue;
  globalThis.gc();
  await sleep(50);
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  const { pendingLines } = journal.reader('influxdb');
  process.send({ tick, rss, heap: heapUsed + external, pendingLines, status: journal.status });
}
process.exit();
