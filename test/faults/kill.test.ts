/**
 * The built agent under full load, killed again and again, with a failing network to its database. Afterwards every point that
 * was in the journal at a kill, and every earlier point of that life, is in the database.
 */
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from '@jest/globals';

import { startChaosProxy, type ChaosProxy } from '../support/fakes/chaos-proxy.ts';
import { startCli, type RunningCli } from '../support/kit/cli.ts';
import { INFLUXD, startInfluxd, type Influxd } from '../support/servers/influxd.ts';
import { serverFolder, testWith, waitFor } from '../support/servers/real-server.ts';

import { chance } from './chance.ts';
import { readCursor, readJournal, type FoundJournal, type FoundRecord } from './journal-reader.ts';

const KILLS = Number(process.env['KILLS'] ?? 6);
const SEED = process.env['SEED'] ?? String(Date.now());

/** Every third life is killed this long after the process start, the others after the agent logged "Started"; ms. */
const EARLY_KILL = { from: 100, to: 1000 };
const LATE_KILL = { from: 0, to: 2000 };
const START_TIMEOUT_MS = 30_000;

/** Up to 50 000 points a second, less than InfluxDB accepts with a core of its own. */
const LOADS = [
  { burst: 1000, pause: 20 },
  { burst: 1000, pause: 40 },
  { burst: 100, pause: 5 },
];
/** Share of lives with a failing network; in the others the agent catches up. */
const WILD_LIVES = 0.7;
/** Share of kills after which the end of the journal is damaged too. */
const TORN_ENDS = 0.5;
/** Of the last life, which is not killed. */
const LAST_POINTS = 10_000;
/** Time between the first points of two lives; ns. */
const LIFE_NS = 60_000_000_000n;

const MiB = 1024 * 1024;
const DATABASE = 'kills';
const ALIAS = 'influxdb';

/** Warnings to expect with a failing network and kills; any other one fails the test. */
const EXPECTED_COMPLAINTS = [
  /Cannot write: http\S+ is unavailable or overloaded \(503\): chaos/,
  /Cannot write: http\S+ has no database \S+, and creating it failed \(503\): chaos/,
  /Cannot write: http\S+ the connection was closed before the answer/,
  /The journal ends with an incomplete record, which is truncated/,
];

const killTest = testWith(INFLUXD);

/** Shared by all lives. */
interface Scene {
  readonly folder: string;
  readonly journal: string;
  readonly influxd: Influxd;
  readonly proxy: ChaosProxy;
  readonly random: () => number;
  readonly start: bigint;
}

/** Observations of one life. */
interface Life {
  /** Highest sequence number that was in the journal right after the kill; -1 if there was none. */
  readonly journalled: number;
  /** Lines in the journal that were not acknowledged when it ended. */
  readonly unsent: number;
  readonly log: string;
}

killTest(
  `F-024: no point is lost in ${KILLS} kills`,
  async () => {
    const began = performance.now();
    const random = chance(`${SEED} kills`);
    const folder = serverFolder('kill-test');
    const influxd = await startInfluxd();
    const proxy = await startChaosProxy({ target: influxd.url, random: chance(`${SEED} network`), counted: 'load,' });
    const journal = join(folder.path, 'state/journal');
    const start = BigInt(Date.now()) * 1_000_000n;
    const scene: Scene = { folder: folder.path, journal, influxd, proxy, random, start };
    cpSync(join(import.meta.dirname, 'load-input.mjs'), join(folder.path, 'load-input.mjs'));
    try {
      const lives: Life[] = [];
      for (let run = 0; run < KILLS; run += 1) lives.push(await liveAndBeKilled(scene, run));
      proxy.isWild = false;
      lives.push(await liveToTheEnd(scene, KILLS));
      const arrived = await arrivedOf(scene, lives);
      printReport(scene, lives, arrived, performance.now() - began);
      checkArrived(arrived);
      expect(await droppedOf(scene)).toBe(0);
      checkLogs(lives);
    } catch (error) {
      process.stderr.write(`Kill test failed: SEED=${SEED} KILLS=${KILLS}; what is left is in ${folder.path}\n`);
      throw error;
    } finally {
      await proxy.stop();
      await influxd.stop();
    }
    folder.remove();
  },
  60_000 + KILLS * 8000,
);

async function liveAndBeKilled(scene: Scene, run: number): Promise<Life> {
  const { journal, proxy, random } = scene;
  proxy.isWild = random() < WILD_LIVES;
  const before = readJournalIfAny(journal).end;
  const cli = startLife(scene, run, { ...pick(LOADS, random) });
  const stderr = await killed(scene, run, cli);
  if (random() < TORN_ENDS) tearEnd(journal, before, random);
  const journalled = checkJournal(journal, before, run);
  const unsent = unsentIn(journal);
  writeFileSync(join(scene.folder, `life-${run}.log`), `${stderr}journalled up to ${journalled}\n`);
  return { journalled, unsent, log: stderr };
}

/** @returns its log @throws if it exited before the kill or did not start */
async function killed({ random }: Scene, run: number, cli: RunningCli): Promise<string> {
  const isEarly = run % 3 === 2;
  const { from, to } = isEarly ? EARLY_KILL : LATE_KILL;
  let isAlive = false;
  try {
    if (!isEarly) await Promise.race([cli.until(/ Started /, START_TIMEOUT_MS), cli.finished]);
    await sleep(from + random() * (to - from));
    isAlive = cli.child.exitCode === null && cli.child.signalCode === null;
  } finally {
    await cli.end('SIGKILL');
  }
  if (!isAlive) throw new Error(`Life ${run} exited by itself:\n${cli.stderr()}`);
  return cli.stderr();
}

/** The last life: no chaos, runs until everything is delivered, and stops cleanly. */
async function liveToTheEnd(scene: Scene, run: number): Promise<Life> {
  const cli = startLife(scene, run, { ...LOADS[0], most: LAST_POINTS });
  try {
    // Lines are sent in order, so everything else has arrived before.
    await waitFor(async () => (await pointsOf(scene, run)).count === LAST_POINTS, {
      timeout: 30_000 + KILLS * 2000,
      interval: 200,
      what: 'Delivery of everything',
    });
  } finally {
    await cli.end();
  }
  const { code, stderr } = await cli.finished;
  writeFileSync(join(scene.folder, `life-${run}.log`), stderr);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const unsent = unsentIn(scene.journal);
  expect(unsent).toBe(0);
  return { journalled: LAST_POINTS - 1, unsent, log: stderr };
}

function startLife(scene: Scene, run: number, load: object): RunningCli {
  const { folder, proxy, start } = scene;
  const config = join(folder, 'healthd.json');
  const from = String(start + BigInt(run) * LIFE_NS);
  const content = {
    agent: {
      flush_interval: '100ms',
      batch_lines: 2000,
      omit_hostname: true,
      state_dir: join(folder, 'state'),
      stop_timeout: '30s',
    },
    journal: journalSettings(scene),
    inputs: [
      { './load-input.mjs': { run: String(run), from, ...load } },
      { internal: { interval: '200ms', collect_memstats: false, tags: { run: String(run) } } },
    ],
    outputs: [{ influxdb: { alias: ALIAS, url: proxy.url, database: DATABASE } }],
  };
  writeFileSync(config, JSON.stringify(content));
  return startCli(['run', '--config', config], { cwd: folder });
}

/** Settings vary between lives. A segment is an eighth of `max_bytes`, so a small one gives several segments per life. */
function journalSettings({ journal, random }: Scene): object {
  const sync = pick(['always', 'interval', 'none'], random);
  const tight = Math.ceil(4 * MiB + 2 * bytesOf(journal));
  return { sync, max_bytes: random() < 0.5 ? '1GiB' : String(tight) };
}

/**
 * Reads the journal of the killed process.
 *
 * @param before end of the journal when the process started
 * @returns the highest sequence number of its life
 */
function checkJournal(directory: string, before: number, run: number): number {
  const { records } = readJournalIfAny(directory);
  for (const [index, { first }] of records.entries()) {
    const previous = records[index - 1];
    // Equal, unless a killed process had sent lines that it had not written yet.
    if (previous !== undefined) expect(first).toBeGreaterThanOrEqual(previous.first + previous.size);
  }
  const sequences = records.filter(({ first }) => first >= before).flatMap((record) => sequencesIn(record, run));
  sequences.forEach((sequence, index) => {
    if (sequence !== sequences[0]! + index) throw new Error(`Life ${run}: ${sequence} at ${index} in the journal`);
  });
  return sequences.at(-1) ?? -1;
}

function sequencesIn(record: FoundRecord, run: number): readonly number[] {
  const lines = record.text().split('\n').slice(0, -1);
  expect(lines).toHaveLength(record.size);
  return lines.flatMap((line) => {
    const found = /^load,run=(\d+) sequence=(\d+)i \d+$/.exec(line);
    if (found === null) return [];
    if (Number(found[1]) !== run) throw new Error(`Life ${run}: a line of life ${found[1]} has a new number`);
    return [Number(found[2])];
  });
}

interface Points {
  readonly count: number;
  readonly min: number;
  readonly max: number;
}

/** The points of one life in the database; points with the same time would count once. */
async function pointsOf({ influxd }: Scene, run: number): Promise<Points> {
  const statement = `SELECT count(sequence), min(sequence), max(sequence) FROM "load" WHERE run = '${run}'`;
  const [series] = await influxd.query(statement, { db: DATABASE });
  const [, count = 0, min = 0, max = -1] = (series?.values[0] ?? []).map(Number);
  return { count, min, max };
}

interface Arrived extends Points {
  readonly run: number;
  /** Points that were journalled, or that a later one proves, but that are not in the database. */
  readonly lost: number;
}

async function arrivedOf(scene: Scene, lives: readonly Life[]): Promise<readonly Arrived[]> {
  const arrived: Arrived[] = [];
  for (const [run, { journalled }] of lives.entries()) {
    const points = await pointsOf(scene, run);
    arrived.push({ ...points, run, lost: Math.max(points.max, journalled) + 1 - points.count });
  }
  return arrived;
}

function checkArrived(arrived: readonly Arrived[]): void {
  expect(arrived.filter(({ lost }) => lost !== 0)).toEqual([]);
  // With as many points as numbers from 0 to the highest, none is negative or duplicate.
  expect(arrived.filter(({ min }) => min !== 0)).toEqual([]);
}

/** Lines that the agents counted as lost. */
async function droppedOf({ influxd }: Scene): Promise<unknown> {
  const [dropped] = await influxd.query('SELECT max(metrics_dropped) FROM internal_write', { db: DATABASE });
  return dropped?.values[0]?.[1];
}

function checkLogs(lives: readonly Life[]): void {
  const complaints = lives.flatMap(({ log }) => log.split('\n').filter((line) => / (warn|error) /.test(line)));
  expect(complaints.filter((line) => !EXPECTED_COMPLAINTS.some((expected) => expected.test(line)))).toEqual([]);
}

function printReport({ proxy }: Scene, lives: readonly Life[], arrived: readonly Arrived[], ms: number): void {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const written = sum(arrived.map(({ count }) => count));
  const figures = {
    seed: SEED,
    kills: KILLS,
    'points written': written,
    'points forwarded': proxy.forwardedLines,
    'duplicates sent': proxy.forwardedLines - written,
    'points lost': sum(arrived.map(({ lost }) => lost)),
    'with unsent lines': `${lives.filter(({ unsent }) => unsent > 0).length} kills, at most ${Math.max(...lives.map(({ unsent }) => unsent))} lines`,
    'torn ends cut off': lives.filter(({ log }) => log.includes('ends with an incomplete record')).length,
    requests: [...proxy.fates].map(([fate, count]) => `${fate} ${count}`).join(', '),
    duration: `${(ms / 1000).toFixed(1)} s`,
  };
  const lines = Object.entries(figures).map(([name, value]) => `  ${name.padEnd(17)} ${value}\n`);
  process.stdout.write(`Kill test\n${lines.join('')}`);
}

function readJournalIfAny(directory: string): FoundJournal {
  return existsSync(directory) ? readJournal(directory) : { segments: [], records: [], damagedBytes: 0, end: 0 };
}

/**
 * Damages the end of the journal as a machine crash would: appends part of a record, or cuts off the end of what this life
 * wrote, although it may have been sent already.
 *
 * @param before end of the journal when this life began
 */
function tearEnd(directory: string, before: number, random: () => number): void {
  const { records } = readJournalIfAny(directory);
  const last = records.at(-1);
  if (last === undefined) return;
  const path = join(directory, last.segment);
  const bytes = readFileSync(path);
  if (random() < 0.5) {
    const whole = records.find(({ segment }) => segment === last.segment)!.length;
    appendFileSync(path, bytes.subarray(0, Math.ceil(random() * (whole - 1))));
  } else if (last.first >= before) {
    truncateSync(path, bytes.length - Math.ceil(random() * Math.min(bytes.length, 5 * last.length)));
  }
}

function pick<Value>(values: readonly Value[], random: () => number): Value {
  return values[Math.floor(random() * values.length)]!;
}

function unsentIn(directory: string): number {
  const { end, segments } = readJournalIfAny(directory);
  const cursor = join(directory, `cursors/${ALIAS}.cursor`);
  if (!existsSync(cursor)) return end - (segments[0] ?? end);
  const { position, backlogFrom, backlogTo } = readCursor(cursor);
  return Math.max(0, end - position) + backlogTo - backlogFrom;
}

function bytesOf(directory: string): number {
  if (!existsSync(directory)) return 0;
  return readdirSync(directory)
    .filter((name) => name.endsWith('.seg'))
    .reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}
