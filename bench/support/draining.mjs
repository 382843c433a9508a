/** A journal with a backlog, and sending it to InfluxDB's API the way the agent does. */
import { cpSync, linkSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import { timed } from './interleave.mjs';
import { telegrafMetrics } from './telegraf-metrics.mjs';

export const OUTPUT = 'influxdb';
/** Lines of a group, as the journal makes them when there is much. */
const GROUP = 1000;
/** More would be the same lines again. */
const DISTINCT = 40;
/** As in the configuration, if it does not say otherwise. */
export const LIMITS = { lines: 5000, bytes: 4 * 1024 * 1024 };

export function openJournal({ LineJournal, systemClock, silentLog }, directory, clock = systemClock) {
  const forever = 2 ** 45;
  const disk = { directory, sync: 'interval', maxBytes: forever, maxAge: forever, keep: 0 };
  const log = { ...silentLog, warn: console.warn, error: console.error };
  return LineJournal.open({ memoryBytes: 2 ** 26, disk, clock, log });
}

/** `count` groups of `size` lines each, encoded. */
export function groupsOf({ LineEncoder }, count, size, hosts) {
  const metrics = telegrafMetrics(count * size, hosts);
  return Array.from({ length: count }, (_, i) => {
    const encoder = new LineEncoder();
    for (const metric of metrics.slice(i * size, (i + 1) * size)) encoder.add(metric);
    return encoder.take();
  });
}

/** Lines that the output has not sent. */
export async function fillJournal(core, directory, lines) {
  const groups = groupsOf(core, DISTINCT, GROUP);
  const journal = await openJournal(core, directory);
  journal.reader(OUTPUT);
  for (let i = 0; i < lines / GROUP; i += 1) {
    journal.append(groups[i % DISTINCT], GROUP);
    while (journal.status.memoryBytes > 2 ** 22) await turn();
  }
  await journal.close();
}

/** The same journal again without its bytes: a segment is never changed, only removed. */
export function copyJournal(from, to) {
  mkdirSync(to);
  for (const name of readdirSync(from).filter((each) => each.endsWith('.seg')))
    linkSync(join(from, name), join(to, name));
  cpSync(join(from, 'cursors'), join(to, 'cursors'), { recursive: true });
}

/**
 * Sends everything that a journal holds, through the output's runner and its plugin.
 *
 * @returns {Promise<number>} milliseconds from the start of the runner until nothing is left
 */
export async function drain(core, journal, url, lines) {
  let allIsWritten;
  const done = new Promise((resolve) => (allIsWritten = resolve));
  const { runner, counters } = await influxdbRunner(core, journal, url, core.systemClock, (written) => {
    if (written === lines) allIsWritten();
  });
  const took = await timed(async () => {
    runner.start();
    await done;
    const reader = journal.reader(OUTPUT);
    while (reader.pendingLines > 0 || reader.backlog.pendingLines > 0) await turn();
  });
  await runner.stop(AbortSignal.timeout(5000));
  if (counters.metrics_written !== lines) throw new Error(`${counters.metrics_written} of ${lines} lines were written`);
  return took;
}

/** @param onWritten is told the number of all lines that the destination took so far */
export async function influxdbRunner(core, journal, url, clock, onWritten = () => undefined) {
  const { influxdb, openDeadLetters, pluginContext, OutputRunner, noWrites, silentLog: log } = core;
  const plugin = { ...influxdb, create: async (...args) => watched(await influxdb.create(...args), onWritten) };
  const counters = noWrites();
  const entry = {
    plugin,
    alias: OUTPUT,
    options: plugin.config.parse({ url, database: 'telegraf', skip_database_creation: true }),
    fingerprint: OUTPUT,
    filter: {},
    flush_interval: 10_000,
    flush_jitter: 0,
    batch_lines: LIMITS.lines,
    batch_bytes: LIMITS.bytes,
    timeout: 30_000,
    from: 'beginning',
    catch_up: 'oldest_first',
    catch_up_rate: Number.MAX_SAFE_INTEGER,
  };
  const runner = await OutputRunner.create({
    entry,
    context: pluginContext({ log, clock }),
    journal: () => journal,
    counters,
    // Nothing is refused here.
    deadLetters: openDeadLetters({ path: '/nonexistent/dead-letter.lp', clock, log }),
    random: Math.random,
  });
  return { runner, counters };
}

/** Without a timer that looks whether it is done: to be woken each millisecond would cost as much as reading the journal. */
function watched(output, onWritten) {
  let written = 0;
  return {
    ...output,
    async write(batch, signal) {
      await output.write(batch, signal);
      written += batch.size;
      onWritten(written);
    },
  };
}
