/**
 * What the journal costs: appending against the bare calls underneath, bytes on disk, and its part of an agent at 10 s.
 * The sources are bundled here, so it needs no build.
 *
 *   node --expose-gc bench/journal.mjs [seconds of real agents at 10 s, default 0]
 *
 * The files are in the temporary folder; set TMPDIR if that is no disk. Claims: at least half the rate of bare writes; with
 * `sync: always` at least 0.8 of the rate of bare write + fdatasync, and the slowest hundredth within three times the
 * median; at most 100 bytes a line on disk. Linux only.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { loadSource } from '../scripts/load-source.mjs';
import { claim, median } from './support/compare.mjs';
import { groupsOf } from './support/draining.mjs';
import { claimAtMost, compareAsync, percentile, timed } from './support/interleave.mjs';
import { cpuSeconds } from './support/process.mjs';
import { agentTicks, cpuOfTicks, idleTicks, journalTicks } from './support/ticks.mjs';

const core = await loadSource('bench/support/journal.ts');

const AGENT_SECONDS = Number(process.argv[2] ?? 0);
/** What the journal compresses at once when there is much, and what one host of the usual inputs reports at a tick. */
const [GROUP, TICK] = [1000, 38];
/** More would be the same lines again. */
const DISTINCT = 40;
/** Groups in a run that one segment holds, and in one that takes several. */
const [FEW, MANY] = [200, 1000];
/** The size at which a segment is ended, and forced to the disk. */
const SEGMENT_BYTES = 16 * 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
const forever = 2 ** 45;
let made = 0;

try {
  const groups = groupsOf(core, DISTINCT, GROUP);
  const packed = await Promise.all(groups.map((lines) => core.packLines(lines, GROUP)));
  const records = Array.from({ length: MANY }, (_, i) => ({ first: i * GROUP, time: 0, packed: packed[i % DISTINCT] }));
  const chunks = records.map((record) => Buffer.concat(core.encodeRecord(record)));
  console.log(
    `groups of ${GROUP} lines, ${(sum(groups.map((lines) => lines.length)) / DISTINCT / GROUP).toFixed(0)} bytes a line, ` +
      `${(sum(chunks.map((chunk) => chunk.length)) / MANY / GROUP).toFixed(0)} compressed, Node ${process.version}`,
  );
  await appendWithinSegment(records.slice(0, FEW), chunks.slice(0, FEW));
  await appendSegments(records, chunks);
  await appendSafely(records, chunks);
  await bytesOnDisk(groups);
  await costOfTick();
  if (AGENT_SECONDS > 0) await costOfAgent();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function appendWithinSegment(records, chunks) {
  console.log('append, sync interval, within a segment');
  const times = await compareAsync(
    {
      'SegmentStore.append': () => withStore('interval', (store) => timed(() => appendEach(store, records))),
      'SegmentStore.append, 7 groups at once': () =>
        withStore('interval', (store) => timed(() => appendEach(store, records, 7))),
      'FileHandle.write': () => withFile((file) => timed(() => writeEach(file, chunks))),
    },
    { rounds: 15, units: FEW * GROUP, unit: 'lines' },
  );
  claim('append over bare writes', times['FileHandle.write'] / times['SegmentStore.append'], 0.5);
}

/** Bare writes that nobody forces to the disk end up in memory; they are the last line, for orientation. */
async function appendSegments(records, chunks) {
  console.log('append, sync interval, several segments');
  const times = await compareAsync(
    {
      'SegmentStore.append': () => withStore('interval', (store) => timed(() => appendEach(store, records))),
      'FileHandle.write, synced each 16 MiB': () =>
        withFile((file) => timed(() => writeEach(file, chunks, SEGMENT_BYTES))),
      'FileHandle.write': () => withFile((file) => timed(() => writeEach(file, chunks))),
    },
    { units: MANY * GROUP, unit: 'lines' },
  );
  const bare = times['FileHandle.write, synced each 16 MiB'];
  claim('append over bare writes that are synced as often', bare / times['SegmentStore.append'], 0.5);
}

/** Each group by one and then by the other: a disk is slow for seconds at a time. */
async function appendSafely(records, chunks) {
  console.log('append, sync always; ms');
  const times = { 'SegmentStore.append': [], 'write + fdatasync': [] };
  await withStore('always', (store) =>
    withFile(async (file) => {
      const contestants = {
        'SegmentStore.append': (i) => store.append([records[i]]),
        'write + fdatasync': (i) => writeSafely(file, chunks[i]),
      };
      const names = Object.keys(contestants);
      for (let i = 0; i < records.length; i += 1)
        for (const name of i % 2 === 0 ? names : names.toReversed())
          times[name].push(await timed(() => contestants[name](i)));
    }),
  );
  const warmUp = Math.ceil(records.length / 10);
  const [ours, bare] = Object.entries(times).map(([name, all]) => latencies(name, all.slice(warmUp)));
  claim('synced append over write + fdatasync', bare.mean / ours.mean, 0.8);
  claimAtMost('p99 over median of a synced append', ours.p99 / ours.median, 3);
}

function latencies(name, times) {
  const figures = { mean: sum(times) / times.length, median: median(times), p99: percentile(times, 0.99) };
  const text = Object.entries({ ...figures, most: Math.max(...times) }).map(([key, ms]) => `${key} ${ms.toFixed(2)}`);
  console.log(`  ${name.padEnd(44)} ${text.join('  ')}`);
  return figures;
}

async function bytesOnDisk(groups) {
  console.log('bytes on disk');
  const perLine = await bytesPerLine(groups, GROUP);
  const alone = await bytesPerLine(groupsOf(core, 1000, TICK, 1), TICK);
  console.log(`  groups of one tick of one host, ${TICK} lines: ${alone.toFixed(1)} a line`);
  claimAtMost(`groups of ${GROUP} lines`, perLine, 100, ' bytes a line');
}

async function bytesPerLine(groups, size) {
  const disk = diskOptions('none');
  const clock = core.systemClock;
  const journal = await core.LineJournal.open({ memoryBytes: 2 ** 30, disk, clock, log: core.silentLog });
  const reader = journal.reader('output');
  for (const lines of groups) {
    journal.append(lines, size);
    journal.seal();
  }
  assert.equal(reader.pendingLines, groups.length * size);
  await journal.close();
  const segments = readdirSync(disk.directory).filter((name) => name.endsWith('.seg'));
  return sum(segments.map((name) => statSync(join(disk.directory, name)).size)) / groups.length / size;
}

async function costOfTick() {
  console.log(`CPU of a tick; the journal by itself: ${TICK} lines; the agent: what this host reports, two outputs`);
  const contestants = {
    'waiting only': idleTicks(core),
    'journal in memory, nobody reads': await journalTicks(core, undefined, 0),
    'journal on disk, sync none, nobody reads': await journalTicks(core, diskOptions('none'), 0),
    'journal on disk, sync interval, nobody reads': await journalTicks(core, diskOptions('interval'), 0),
    'journal on disk, sync interval, two readers': await journalTicks(core, diskOptions('interval'), 2),
    'agent, journal in memory': await agentTicks(core, { buffer: 'memory' }, newPath()),
    'agent, journal on disk': await agentTicks(core, { buffer: 'disk' }, newPath()),
  };
  const costs = await cpuOfTicks(contestants, { rounds: 10, ticks: 20 });
  for (const contestant of Object.values(contestants)) await contestant.stop();
  const waiting = median(costs['waiting only']);
  const medians = Object.fromEntries(Object.entries(costs).map(([name, each]) => [name, median(each) - waiting]));
  for (const [name, us] of Object.entries(medians))
    console.log(`  ${name.padEnd(44)} ${us.toFixed(0).padStart(6)} µs (least ${Math.min(...costs[name]).toFixed(0)})`);
  const [memory, disk] = [medians['agent, journal in memory'], medians['agent, journal on disk']];
  console.log(`  the disk's part of the agent: ${((100 * (disk - memory)) / disk).toFixed(1)} %`);
}

/** In real time: caches are cold after ten seconds, and everything costs more. */
async function costOfAgent() {
  const script = join(import.meta.dirname, 'support/paced-agent.mjs');
  const children = {
    'agent, journal in memory': spawn(process.execPath, [script, 'memory', newPath()], { stdio: 'inherit' }),
    'agent, journal on disk': spawn(process.execPath, [script, 'disk', newPath()], { stdio: 'inherit' }),
    'bare node': spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }),
  };
  try {
    await sleep(30_000);
    const before = Object.values(children).map(({ pid }) => cpuSeconds(pid));
    await sleep(AGENT_SECONDS * 1000);
    console.log(`CPU in real time, ${AGENT_SECONDS} s`);
    for (const [index, [name, { pid }]] of Object.entries(children).entries()) {
      const seconds = cpuSeconds(pid) - before[index];
      const perTick = `${((1e7 * seconds) / AGENT_SECONDS).toFixed(0).padStart(6)} µs in 10 s`;
      console.log(`  ${name.padEnd(44)} ${perTick}, ${((100 * seconds) / AGENT_SECONDS).toFixed(3)} % of a core`);
    }
  } finally {
    for (const child of Object.values(children)) child.kill();
  }
}

async function withStore(sync, work) {
  const options = diskOptions(sync);
  const onSyncFailed = (error) => console.error(error);
  const store = new core.SegmentStore({ ...options, clock: core.systemClock, onSyncFailed });
  await store.prepare();
  try {
    return await work(store);
  } finally {
    await store.close();
    rmSync(options.directory, { recursive: true });
  }
}

async function withFile(work) {
  const path = newPath();
  const file = await open(path, 'wx');
  try {
    return await work(file);
  } finally {
    await file.close();
    rmSync(path);
  }
}

async function appendEach(store, records, atOnce = 1) {
  for (let i = 0; i < records.length; i += atOnce) await store.append(records.slice(i, i + atOnce));
}

async function writeEach(file, chunks, syncedEach = Infinity) {
  let unsynced = 0;
  for (const chunk of chunks) {
    await file.write(chunk);
    unsynced += chunk.length;
    if (unsynced < syncedEach) continue;
    await file.datasync();
    unsynced = 0;
  }
}

async function writeSafely(file, chunk) {
  await file.write(chunk);
  await file.datasync();
}

function diskOptions(sync) {
  return { directory: newPath(), sync, maxBytes: forever, maxAge: forever, keep: 0 };
}

function newPath() {
  made += 1;
  return join(folder, String(made));
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
