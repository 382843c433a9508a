/**
 * The history: bytes on disk of recorded samples, and queries, against the same samples as rows of SQLite; *What changed?*;
 * opening it with two hours that were not stored. The sources are bundled here; recording and opening need `npm run build`.
 *
 *   node bench/history.mjs --record FILE --for 3h    records the default inputs at 1 s, under whatever load there is meanwhile
 *   node --expose-gc bench/history.mjs FILE          measures with that recording; --only sizes, opening or queries
 *
 * Sizes are of the recording as it is, at 1 s, and of every tenth of its samples. For queries it is laid out at 10 s, and
 * repeated until two weeks are full. Claims: at most 2 bytes for a value; 24 h of one field 20 times as fast as from rows; 14 days
 * by roll-up no slower than that; 300 series of a week ranked within 300 ms; opened within 1 s.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { loadSource } from '../scripts/load-source.mjs';
import { claim, compareBoth, cpuSince, median } from './support/compare.mjs';
import { claimAtMost } from './support/interleave.mjs';
import { readRecording, record } from './support/recording.mjs';
import { createRows } from './support/sqlite-rows.mjs';

/** Calls of a query in one round. */
const TIMES = 100;
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { record: { type: 'string' }, for: { type: 'string', default: '3h' }, only: { type: 'string' } },
});

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const WEEK = 7 * DAY;
/** Of raw blocks and minutes that are rolled up; of quarters. */
const [SPAN, PERIOD] = [6 * HOUR, 8 * DAY];
const RANKED = 300;
const JOURNAL = { buffer: 'disk', sync: 'interval', max_bytes: 2 ** 30, max_age: WEEK, keep: 0, memory_bytes: 2 ** 26 };

if (options.record !== undefined) {
  await record(options.record, secondsOf(options.for));
  process.exit();
}

const core = await loadSource('bench/support/history.ts');
// The first gather has no differences, and the last one may be cut off.
const gathers = readRecording(core, positionals[0]).slice(1, -1);
const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
try {
  describe();
  if (isAsked('sizes')) {
    sizes('at 1 s', gathers);
    sizes(
      'at 10 s',
      gathers.filter((_, index) => index % 10 === 0),
    );
  }
  if (isAsked('opening')) await opening();
  if (isAsked('queries')) speed();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function isAsked(part) {
  return options.only === undefined || options.only === part;
}

function secondsOf(duration) {
  const [, count, unit] = /^(\d+)([smh])$/.exec(duration) ?? [];
  if (count === undefined) throw new Error('--for takes a duration such as 3h, 20m or 90s');
  return Number(count) * { s: 1, m: 60, h: 3600 }[unit];
}

function describe() {
  const fields = new Map();
  for (const { name, fields: all } of gathers.flat())
    for (const field in all) fields.set(`${name} ${field}`, (fields.get(`${name} ${field}`) ?? 0) + 1);
  console.log(
    `recording: ${gathers.length} samples of each series, ${gathers[0].length} series sets, ` +
      `${numbersOf(gathers.at(-1)).length} series, Node ${process.version}`,
  );
  if (gathers.length < 10_000) console.log('  shorter than the 10,000 samples that the claims are for');
}

/** What both kinds of storage have: numbers and booleans, without texts. */
function numbersOf(metrics) {
  return metrics.flatMap(({ name, tags, fields }) => {
    const set = `${name} ${JSON.stringify(tags)}`;
    return Object.entries(fields)
      .filter(([, value]) => typeof value !== 'string')
      .map(([field, value]) => ({ key: `${set} ${field}`, value }));
  });
}

function sizes(what, all) {
  const path = join(folder, `${what.replaceAll(/\W/g, '')}.db`);
  const history = openHistory(path);
  for (const metric of all.flat()) history.add(metric);
  core.atOnce(history.seal());
  const end = Math.ceil(Number(all.at(-1)[0].time / 1_000_000n) / HOUR) * HOUR;
  while (core.atOnce(history.rollUp(end)));
  history.close();
  const rows = createRows(core, `${path}-rows`);
  for (const metrics of all) rows.add(Number(metrics[0].time / 1_000_000n), numbersOf(metrics));
  rows.store();
  rows.close();
  const values = all.reduce((sum, metrics) => sum + numbersOf(metrics).length, 0);
  const db = new (core.loadDriver())(path);
  const bytesOf = (level) =>
    db.prepare('SELECT coalesce(sum(length(blob)), 0) AS bytes FROM blocks WHERE level = ?').get(level).bytes;
  const [raw, rollUps] = [bytesOf(0), bytesOf(1) + bytesOf(2)];
  db.close();
  const per = (bytes) => (bytes / values).toFixed(2);
  const [file, table] = [statSync(path).size, statSync(`${path}-rows`).size];
  console.log(`\n${what}: ${values} values`);
  console.log(
    `  blocks ${per(raw)} bytes a value, roll-ups ${per(rollUps)}, the whole file ${per(file)}; rows ${per(table)}`,
  );
  // The pages and indexes of the file belong to both, by their share.
  claimAtMost(`${what}, bytes a raw value on disk`, (file / values) * (raw / (raw + rollUps)), 2);
  console.log(`     rows / history, whole files: ${(table / file).toFixed(1)}`);
}

function openHistory(path) {
  return new core.History({ path, clock: core.systemClock, log: core.silentLog });
}

/**
 * The recording at 10 s, again and again, in blocks as sealing and rolling up leave them; to seal hour by hour would take minutes.
 * Asked for is what ends where all is rolled up, and what ends where most blocks are read: with five hours that are not rolled up
 * yet. Samples and rows are those of the last day before both, and roll-ups of all days: nothing here asks for older samples.
 */
function speed() {
  const path = join(folder, 'weeks.db');
  const rows = createRows(core, `${path}-rows`);
  const rolledUpTo = Math.floor(Date.now() / DAY) * DAY;
  const end = rolledUpTo + SPAN - HOUR;
  const database = core.openDatabase(core.loadDriver(), path, fail);
  const chosen = chosenSets();
  const quarters = new Map();
  let index = 0;
  for (let span = rolledUpTo - 15 * DAY; span < end; span += SPAN) {
    const length = span < rolledUpTo ? SPAN : HOUR;
    for (let from = span; from < Math.min(end, span + SPAN); from += length) {
      const sets = new Map();
      for (let at = from; at < from + length; at += 10_000, index += 1) {
        const metrics = chosen(gathers[index % gathers.length]);
        addSamples(sets, metrics, at);
        if (at >= rolledUpTo - DAY) rows.add(at, numbersOf(metrics));
      }
      database.transaction(() => storeSpan(database, sets, quarters, from, rolledUpTo));
    }
  }
  database.rolledUpTo = rolledUpTo;
  database.close();
  rows.store();
  const { name, tags } = gathers[0].find(({ name: each }) => each === 'cpu');
  // A thread that answers has no recording in its memory, which each collection of garbage would go through.
  gathers.length = 0;
  globalThis.gc?.();
  const history = openHistory(path);
  for (const [state, to] of [
    ['all rolled up', rolledUpTo],
    ['5 hours not rolled up', end],
  ]) {
    queries(history, rows, { name, tags, state, end: to });
    ranking(history, { state, end: to });
  }
  rows.close();
  history.close();
}

function fail(error) {
  throw error;
}

function addSamples(sets, metrics, at) {
  const time = BigInt(at) * 1_000_000n;
  for (const metric of metrics) {
    const set = core.setOf(metric, '', new Set());
    const key = core.keyOf(set);
    const found = sets.get(key) ?? { set, head: new core.HeadSet() };
    sets.set(key, found);
    found.head.add({ ...metric, time });
  }
}

function storeSpan(database, sets, quarters, from, rolledUpTo) {
  for (const { set, head } of sets.values()) {
    const id = database.setId(set);
    const samples = head.samples();
    if (from >= rolledUpTo - DAY - SPAN) store(database, id, 'raw', samples);
    if (from >= rolledUpTo) continue;
    const minutes = core.rollUp(samples);
    store(database, id, 'minutes', minutes);
    const period = Math.floor(from / PERIOD);
    const before = quarters.get(id);
    const parts = before?.period === period ? before.parts : [];
    parts.push(core.rollUpMinutes(minutes));
    quarters.set(id, { period, parts });
    const isLast = from + SPAN === rolledUpTo || Math.floor((from + SPAN) / PERIOD) !== period;
    if (isLast) store(database, id, 'quarters', core.collate(parts));
  }
}

function store(database, set, level, samples) {
  const [from, to] = [samples.times[0], samples.times.at(-1)].map((time) => Number(time / 1_000_000n));
  database.addBlock(set, level, { from, to, bytes: core.encodeBlock(samples) });
}

/** As many sets as have 300 series; more than a small machine has are the same ones with another tag. */
function chosenSets() {
  const series = numbersOf(gathers[0]).length;
  const copies = Math.ceil(RANKED / series);
  return (metrics) => {
    let count = 0;
    return Array.from({ length: copies }, (_, copy) => copy).flatMap((copy) =>
      metrics.flatMap((metric) => {
        if (count >= RANKED) return [];
        count += numbersOf([metric]).length;
        return [copy === 0 ? metric : { ...metric, tags: { ...metric.tags, copy: String(copy) } }];
      }),
    );
  };
}

function queries(history, rows, { name, tags, state, end }) {
  const samples = DAY / 10_000;
  const set = core.setOf({ name, tags }, '', new Set());
  const field = 'usage_user';
  const key = `${name} ${JSON.stringify(tags)} ${field}`;
  const ask = (from, step) =>
    history.read((view) => view.query(set, { field, from, to: end, step, functions: ['mean'] })).values[0];
  const found = (values) => values.filter((value) => !Number.isNaN(value)).length;
  console.log(`\n24 h of one field at 10 s, ${state}: ${found(ask(end - DAY, 10_000))} values`);
  if (found(ask(end - DAY, 10_000)) !== found(rows.read(key, end - DAY, end, 10_000))) throw new Error('not the same');
  const { wall, cpu } = compareBoth(
    {
      rows: often(() => rows.read(key, end - DAY, end, 10_000)),
      'history, every sample': often(() => ask(end - DAY, 10_000)),
      'history, 720 buckets': often(() => ask(end - DAY, 2 * MINUTE)),
      'history, 14 days by roll-up, 672 buckets': often(() => ask(end - 2 * WEEK, 30 * MINUTE)),
    },
    { rounds: 7, units: TIMES * samples, unit: 'samples' },
  );
  const [day, weeks] = ['history, every sample', 'history, 14 days by roll-up, 672 buckets'];
  const ratios = [wall.rows / wall[day], wall[weeks] / wall[day]];
  console.log(`     wall time: ${ratios[0].toFixed(1)} times as fast; 14 days / 24 h ${ratios[1].toFixed(2)}`);
  claim(`24 h at 10 s, ${state}, history over rows, processor time`, cpu.rows / cpu[day], 20);
  claimAtMost(`14 days by roll-up / 24 h of samples, ${state}, processor time`, cpu[weeks] / cpu[day], 1);
}

/** A single call after a collection of garbage measures the compiler. */
function often(work) {
  return () => {
    for (let time = 0; time < TIMES; time += 1) work();
  };
}

function ranking(history, { state, end }) {
  const range = { from: end - WEEK, to: end };
  const rounds = Array.from({ length: 7 }, () => {
    globalThis.gc?.();
    const [start, before] = [performance.now(), process.cpuUsage()];
    const { compared } = history.read((view) => view.changes(range, end - 2 * WEEK, []));
    return { compared, ms: performance.now() - start, cpu: cpuSince(before) };
  });
  const first = rounds[0].ms;
  console.log(
    `\n*What changed?* of a week against the week before, ${state}, ${rounds[0].compared} series; first time ` +
      `${first.toFixed(0)} ms, then wall time ${median(rounds.map(({ ms }) => ms)).toFixed(0)} ms`,
  );
  const each = median(rounds.map(({ cpu }) => cpu)) / rounds[0].compared;
  claimAtMost(`${RANKED} series ranked, ${state}, processor time`, RANKED * each, 300, ' ms');
}

/** What a killed agent leaves: two hours in the journal, none in the file. */
async function opening() {
  const { journal, append, part, lastAt } = await agentWithHistory();
  const count = append();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const set = core.setOf(
    gathers[0].find(({ name }) => name === 'cpu'),
    '',
    new Set(),
  );
  const start = performance.now();
  await (await part.prepare(section(folder))).use();
  for (;;) {
    const range = { from: lastAt, to: lastAt + 10_000, step: 10_000 };
    const answer = await part.access.query([{ set, field: 'usage_user' }], ['last'], range).catch(() => undefined);
    if (answer !== undefined && !Number.isNaN(answer.values[0][0][0])) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const ms = performance.now() - start;
  console.log(`\nOpening with two hours in the journal at 10 s, ${count} lines`);
  claimAtMost('until the last of them is answered', ms, 1000, ' ms');
  await part.stop(AbortSignal.timeout(10_000));
  await journal.close();
}

function section(stateDirectory) {
  return {
    settings: { raw: 2 * WEEK, minutes: 400 * DAY, max_bytes: 2 ** 30 },
    stateDirectory,
    ownName: undefined,
    journal: JOURNAL,
  };
}

async function agentWithHistory() {
  const { openJournal, systemClock: clock, silentLog } = core;
  const log = silentLog;
  const journal = await openJournal({ settings: JOURNAL, stateDirectory: folder }, clock, log);
  const part = new core.HistoryPart({
    journal: () => journal,
    program: pathToFileURL(join(import.meta.dirname, '../dist/history-thread.js')),
    clock,
    random: Math.random,
    log,
    host: core.openHost({ environment: {}, hostname: 'bench' }),
    run: core.createProgramRunner(clock),
    version: '0',
    openProcesses: () => ({ captureInSlices: () => Promise.reject(new Error('none')), close: () => undefined }),
    onAlertEvent: () => () => undefined,
  });
  // Ends in the running hour, so that nothing is over and stored while it is measured.
  const lastAt = Math.floor(Date.now() / HOUR) * HOUR + HOUR - 10_000;
  // Of the agent that was killed: a new cursor begins at the end.
  journal.reader(core.HISTORY_CURSOR);
  const append = () => {
    let count = 0;
    for (let index = 0; index < 720; index += 1) {
      const time = BigInt(lastAt - (719 - index) * 10_000) * 1_000_000n;
      const metrics = gathers[index % gathers.length].map((metric) => ({ ...metric, time }));
      journal.append(Buffer.from(core.encodeLines(metrics)), metrics.length);
      count += metrics.length;
    }
    return count;
  };
  return { journal, append, part, lastAt };
}
