/**
 * What a backlog costs: draining a journal into a local InfluxDB API, that is a sink in a process of its own, against
 * posting the same compressed bodies from memory; memory while draining; memory while an output is down for a day.
 * The sources are bundled here, so it needs no build. Linux only.
 *
 * The sink that reads decompresses what it gets and looks for the lines, which is the least that a database does. One that
 * throws bodies away takes gigabytes a second; what it shows is how much there is to do besides posting.
 *
 *   node --expose-gc bench/drain.mjs [lines in the backlog, default 1000000]
 *
 * Claims: at least 0.8 of the rate of posting from memory, if the sink reads what it gets; resident memory grows by at most
 * 45 MB while draining, whatever the backlog, of which 32 MB are buffers that V8 lets lie until it looks; it is the same
 * after a day of outage as after a quarter of it.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadSource } from '../scripts/load-source.mjs';
import { claim } from './support/compare.mjs';
import { copyJournal, drain, fillJournal, LIMITS, openJournal, OUTPUT } from './support/draining.mjs';
import { claimAtMost, compareAsync, timed, WARM_UP_ROUNDS } from './support/interleave.mjs';
import { residentBytes } from './support/process.mjs';
import { startSinkProcess } from './support/sink-process.mjs';

const LINES = Number(process.argv[2] ?? 1_000_000);
/** Of the backlog that bodies in memory are made of; more would only be more of the same. */
const COMPARED = Math.min(LINES, 1_000_000);
const ROUNDS = 5;
const SAMPLE_MS = 20;
/** At 10 s. */
const DAY_TICKS = 8640;
const EXEC_ARGV = [...process.execArgv, '--expose-gc'];

const core = await loadSource('bench/support/journal.ts');
const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
let made = 0;

try {
  await compareRates();
  await watchMemory();
  await outage();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function compareRates() {
  const filled = join(folder, 'compared');
  await fillJournal(core, filled, COMPARED);
  const bodies = await bodiesOf(filled);
  const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
  console.log(
    `${COMPARED} lines, ${bodies.length} bodies of ${(bytes / bodies.length / 1000).toFixed(0)} kB, Node ${process.version}`,
  );
  console.log(`  of the rate, into a sink that throws away: ${(await ratioInto('plain', filled, bodies)).toFixed(2)}`);
  claim('draining over posting from memory, sink reads', await ratioInto('reading', filled, bodies), 0.8);
  rmSync(filled, { recursive: true });
}

async function ratioInto(kind, filled, bodies) {
  const sink = await startSinkProcess(kind);
  const connection = await openConnection(sink.url);
  const contestants = {
    [`drained from the journal, ${kind} sink`]: () => drainOnce(filled, sink.url),
    [`posted from memory, ${kind} sink`]: () => timed(() => postAll(connection, bodies)),
  };
  const [drained, posted] = Object.values(
    await compareAsync(contestants, { rounds: ROUNDS, units: COMPARED, unit: 'lines' }),
  );
  if (kind === 'reading') assert.equal(await sink.lines(), 2 * (ROUNDS + WARM_UP_ROUNDS) * COMPARED);
  connection.close();
  sink.close();
  return posted / drained;
}

async function drainOnce(filled, url) {
  const directory = join(folder, String((made += 1)));
  copyJournal(filled, directory);
  const journal = await openJournal(core, directory);
  try {
    return await drain(core, journal, url, COMPARED);
  } finally {
    await journal.close();
    rmSync(directory, { recursive: true });
  }
}

/** As the output would send them. */
async function bodiesOf(filled) {
  const directory = join(folder, String((made += 1)));
  copyJournal(filled, directory);
  const journal = await openJournal(core, directory);
  const reader = journal.reader(OUTPUT);
  const bodies = [];
  for (let next = await reader.peek(LIMITS); next !== undefined; next = await reader.peek(LIMITS)) {
    bodies.push(await next.batch.gzip());
    await reader.acknowledge(next.end);
  }
  await journal.close();
  return bodies;
}

function openConnection(url) {
  const server = { url, headers: { 'User-Agent': 'healthd' } };
  return core.openConnection(server, { tls: {}, timeout: 10_000, clock: core.systemClock, warn: console.warn });
}

async function postAll(connection, bodies) {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'content-encoding': 'gzip' };
  const { signal } = new AbortController();
  for (const body of bodies) {
    const { status } = await connection.post({ path: '/write?db=telegraf&precision=ns', body, headers }, signal);
    if (status !== 204) throw new Error(`The sink answered ${status}`);
  }
}

async function watchMemory() {
  const sink = await startSinkProcess('plain');
  const directory = join(folder, 'watched');
  await fillJournal(core, directory, LINES);
  const child = fork(join(import.meta.dirname, 'support/draining-agent.mjs'), [directory, sink.url, String(LINES)], {
    execArgv: EXEC_ARGV,
  });
  await once(child, 'message');
  const before = residentBytes(child.pid);
  let most = before;
  const sampling = setInterval(() => (most = Math.max(most, residentBytes(child.pid))), SAMPLE_MS);
  child.send('go');
  const [{ ms }] = await once(child, 'message');
  clearInterval(sampling);
  await once(child, 'exit');
  sink.close();
  console.log(
    `${LINES} lines in a fresh process: ${(LINES / ms / 1000).toFixed(2)} M lines/s, resident ${megabytes(before)} MB before, ${megabytes(most)} MB at most`,
  );
  claimAtMost('growth of resident memory while draining', (most - before) / 1e6, 45, ' MB');
}

async function outage() {
  const points = 12;
  const script = join(import.meta.dirname, 'support/outage-agent.mjs');
  const args = [join(folder, 'outage'), String(DAY_TICKS), String(DAY_TICKS / points)];
  const child = fork(script, args, { execArgv: EXEC_ARGV });
  const curve = [];
  child.on('message', ({ tick, rss, heap, pendingLines, status }) => {
    curve.push({ rss, heap });
    console.log(
      `  ${String(tick / 360).padStart(3)} h  ${String(pendingLines).padStart(7)} lines  ${(status.diskBytes / 1e6).toFixed(1).padStart(5)} MB on disk` +
        `  resident ${megabytes(rss)} MB  heap and buffers ${megabytes(heap)} MB`,
    );
  });
  await once(child, 'exit');
  const [quarter, end] = [curve[points / 4 - 1], curve[points - 1]];
  claimAtMost('resident memory after a day of outage over a quarter of it', end.rss / quarter.rss, 1.1);
  claimAtMost('heap and buffers after a day of outage over a quarter of it', end.heap / quarter.heap, 1.1);
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}
