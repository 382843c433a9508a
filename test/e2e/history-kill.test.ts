/**
 * The built agent with its history and a file output, killed again and again. Afterwards every line that was in the journal at a
 * kill is in the history, with the values that the file has.
 *
 *     npm run test:history-kill      100 kills; KILLS=1000 SEED=42 npm run test:history-kill
 *
 * The seed decides the times of the kills, not the machine's timing: the same seed makes the same kind of run, not the same run.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from '@jest/globals';

import { systemClock } from '../../src/core/clock.ts';
import { atOnce } from '../../src/core/turns.ts';
import { Block } from '../../src/history/codec/block.ts';
import { History } from '../../src/history/history.ts';
import { openDatabase } from '../../src/history/store/database.ts';
import { loadDriver } from '../../src/host/sqlite/driver.ts';
import { parseLines } from '../../src/metric/line-protocol.ts';
import { controlClient } from '../../src/server/client.ts';
import { chance } from '../faults/chance.ts';
import { readCursor, readJournal } from '../faults/journal-reader.ts';
import { startCli } from '../support/kit/cli.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { serverFolder, waitFor } from '../support/servers/real-server.ts';

const KILLS = Number(process.env['KILLS'] ?? 2);
const SEED = process.env['SEED'] ?? String(Date.now());

const SERIES = 20;
const HOUR_MS = 3_600_000;
/** Times of a series are so far apart, ms: the finest resolution of the API. */
const STEP_MS = 100;
/** Lives of a group share series and hours, so that a block is written, and written again with what a later life had. */
const LIFE_MS = 400_000;
const LIVES_IN_HOUR = HOUR_MS / LIFE_MS;
const MAX_LIFE_POINTS = (LIFE_MS / STEP_MS) * SERIES;
const LAST_POINTS = 2000;

/** Every third life is killed this long after the process start, the others after the agent logged "Started"; ms. */
const EARLY_KILL = { from: 100, to: 1000 };
/** Some live until hours that are over are stored. */
const LATE_KILLS = [
  { from: 0, to: 2000 },
  { from: 0, to: 2000 },
  { from: 0, to: 2000 },
  { from: 6000, to: 8000 },
];

const INPUT = `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { defineInput, z } from 'healthd/plugin';

  export default defineInput({
    name: 'load',
    summary: 'Numbered points of every type, as many series in turn',
    config: z.strictObject({ run: z.number(), group: z.number(), from: z.array(z.number()), most: z.number() }),
    metrics: { load: { tags: { series: 'Of this point' }, fields: {
      n: { type: 'int', help: 'From 0 on' }, run: { type: 'int', help: 'Life' }, big: { type: 'int', help: 'Beyond 32 bits' },
      wave: { type: 'float', help: 'Needs all bits' }, cents: { type: 'float', help: 'Decimals' },
      odd: { type: 'bool', help: 'Of n' }, word: { type: 'string', help: 'One of seven' } } } },
    create({ run, group, from, most }) {
      return {
        async run(acc, signal) {
          for (let n = 0; ;) {
            for (const end = Math.min(most, n + 50); n < end; n += 1) {
              const series = n % ${SERIES};
              const time = from[series % from.length] + Math.floor(n / ${SERIES}) * ${STEP_MS};
              const fields = { n, run, big: n * 123_456_789, wave: Math.sin(n), cents: n / 100, odd: n % 2 === 1, word: 'w' + n % 7 };
              acc.add('load', fields, { series: group + '-' + series }, BigInt(time) * 1_000_000n);
            }
            await sleep(15, undefined, { signal });
          }
        },
      };
    },
  });
`;

interface Scene {
  readonly folder: string;
  readonly state: string;
  readonly random: () => number;
  /** Start of an hour that is over and is stored soon, and of one that is not; ms since the Unix epoch. */
  readonly hours: readonly [number, number];
}

interface Life {
  /** Highest number that was in the journal right after the kill; -1 if there was none. */
  readonly journalled: number;
  readonly log: string;
}

test(
  `no line of the journal is missing in the history after ${KILLS} kills`,
  async () => {
    const began = performance.now();
    const folder = serverFolder('history-kill');
    const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    const hours = [hour - 3 * HOUR_MS, hour] as const;
    const scene: Scene = { folder: folder.path, state: join(folder.path, 'state'), random: chance(SEED), hours };
    writeFileSync(join(folder.path, 'load-input.mjs'), INPUT);
    try {
      const lives: Life[] = [];
      const cursors = new Set<number>();
      for (let run = 0; run < KILLS; run += 1) {
        lives.push(await liveAndBeKilled(scene, run));
        cursors.add(cursorOf(scene));
      }
      const answered = await liveToTheEnd(scene, KILLS);
      const lines = linesOf(scene, [...lives.map(({ journalled }) => journalled), LAST_POINTS - 1]);
      // A line may have been stored before the kill that kept it out of the journal.
      expect(answered).toBeGreaterThanOrEqual(lines.size);
      const stored = storedIn(scene);
      const missing = [...lines].filter(([key, line]) => stored.get(key) !== line);
      const seconds = Math.round((performance.now() - began) / 1000);
      process.stdout.write(
        `History kill test: seed ${SEED}, ${KILLS} kills, ${lines.size} lines in the file and the journal, ` +
          `${missing.length} missing or different, stored ${cursors.size - 1} times meanwhile, ${seconds} s\n`,
      );
      expect(missing).toEqual([]);
      checkLogs(lives);
    } catch (error) {
      process.stderr.write(`Failed with SEED=${SEED} KILLS=${KILLS}; what is left is in ${folder.path}\n`);
      throw error;
    }
    folder.remove();
  },
  120_000 + KILLS * 10_000,
);

async function liveAndBeKilled(scene: Scene, run: number): Promise<Life> {
  const before = journalOf(scene)?.end ?? 0;
  const cli = startLife(scene, run, MAX_LIFE_POINTS);
  const isEarly = run % 3 === 2;
  const { from, to } = isEarly ? EARLY_KILL : LATE_KILLS[run % LATE_KILLS.length]!;
  let isAlive = false;
  try {
    if (!isEarly) await Promise.race([cli.until(/ Started /, 30_000), cli.finished]);
    await sleep(from + scene.random() * (to - from));
    isAlive = cli.child.exitCode === null && cli.child.signalCode === null;
  } finally {
    await cli.end('SIGKILL');
  }
  const log = cli.stderr();
  if (!isAlive) throw new Error(`Life ${run} exited by itself:\n${log}`);
  return { journalled: journalledBy(scene, run, before), log };
}

/** @returns the number of points that the API of the last life gives @throws if its own are not there in time */
async function liveToTheEnd(scene: Scene, run: number): Promise<number> {
  const cli = startLife(scene, run, LAST_POINTS);
  try {
    await cli.until(/ Started /, 30_000);
    // Lines are read in order, so everything else is there before.
    await waitFor(async () => (await answersOf(scene, run)) >= LAST_POINTS, {
      timeout: 60_000 + KILLS * 1000,
      interval: 500,
      what: 'The last points in the history',
    });
    let answered = 0;
    for (let each = 0; each <= run; each += 1) answered += await answersOf(scene, each);
    return answered;
  } catch (error) {
    throw new Error(`The log of the last life:\n${cli.stderr()}`, { cause: error });
  } finally {
    await cli.end();
  }
}

/** The number of points of a life with the right value of `cents` in the API's answers. */
async function answersOf(scene: Scene, run: number): Promise<number> {
  const { group, from } = placeOf(scene, run);
  let found = 0;
  for (const [part, start] of from.entries()) {
    const series = Array.from({ length: SERIES }, (_, index) => index).filter((each) => each % from.length === part);
    const names = series.map((each) => ['s', `load.cents{series=${group}-${each}}`] as [string, string]);
    const range = `from=${start}&to=${start + LIFE_MS}&width=${LIFE_MS / STEP_MS}&fn=last`;
    const path = `/api/v1/query?${new URLSearchParams(names).toString()}&${range}`;
    const answer = (await controlClient(scene.state, process.platform).get(path)) as Answer;
    expect(answer.step).toBe(STEP_MS);
    for (const [index, { values }] of answer.series.entries()) {
      const wrong = values.last.flatMap((value, place) => {
        const expected = (place * SERIES + series[index]!) / 100;
        return value === null || value === expected ? [] : [{ value, expected }];
      });
      expect(wrong).toEqual([]);
      found += values.last.filter((value) => value !== null).length;
    }
  }
  return found;
}

interface Answer {
  readonly step: number;
  readonly series: readonly { readonly values: { readonly last: readonly (number | null)[] } }[];
}

/** Where the points of a life are: series in turn begin at the times `from`, ms. */
function placeOf({ hours }: Scene, run: number): { readonly group: number; readonly from: readonly number[] } {
  const slot = run % LIVES_IN_HOUR;
  return { group: Math.floor(run / LIVES_IN_HOUR), from: hours.map((hour) => hour + slot * LIFE_MS) };
}

function startLife(scene: Scene, run: number, most: number) {
  const { folder, state, random } = scene;
  const config = join(folder, 'healthd.json');
  const content = {
    agent: { interval: '200ms', flush_interval: '100ms', omit_hostname: true, state_dir: state, stop_timeout: '30s' },
    journal: { sync: ['always', 'interval', 'none'][Math.floor(random() * 3)], max_bytes: '2MiB' },
    server: false,
    inputs: [{ './load-input.mjs': { run, most, ...placeOf(scene, run) } }, 'cpu', 'mem'],
    outputs: [{ file: { path: join(folder, `life-${run}.lp`), format: 'influx' } }],
  };
  writeFileSync(config, JSON.stringify(content));
  return startCli(['run', '--config', config], { cwd: folder });
}

function journalOf({ state }: Scene) {
  const directory = join(state, 'journal');
  return existsSync(directory) ? readJournal(directory) : undefined;
}

/** Where the history begins to read at the next start. */
function cursorOf({ state }: Scene): number {
  const path = join(state, 'journal/cursors/_history.cursor');
  return existsSync(path) ? readCursor(path).position : 0;
}

/** The highest number of a life in the journal. */
function journalledBy(scene: Scene, run: number, before: number): number {
  let highest = -1;
  for (const record of journalOf(scene)?.records.filter(({ first }) => first >= before) ?? []) {
    for (const line of record.text().split('\n')) {
      const found = /^load,\S+ (?:\S+,)?n=(\d+)i(?:,\S+)? \d+$/.exec(line);
      if (found === null) continue;
      if (!line.includes(`run=${run}i`)) throw new Error(`Life ${run} has a line of another one: ${line}`);
      highest = Math.max(highest, Number(found[1]));
    }
  }
  return highest;
}

const LINE = /^load,series=(\S+) (\S+) (\d+)$/;

/** The lines of the file that were in the journal; by series and time. @throws if the journal had more */
function linesOf({ folder }: Scene, journalled: readonly number[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const counts = journalled.map(() => 0);
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.lp'))) {
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      const [, series, text, time] = LINE.exec(line) ?? [];
      // Of other inputs, or cut off by a kill and written again.
      if (series === undefined || text === undefined) continue;
      const fields = fieldsOf(text);
      const [run, n] = [Number.parseInt(fields['run'] ?? ''), Number.parseInt(fields['n'] ?? '')];
      if (!(n <= (journalled[run] ?? -1)) || found.has(`${series} ${time}`)) continue;
      found.set(`${series} ${time}`, spelled(fields));
      counts[run]! += 1;
    }
  }
  expect(counts).toEqual(journalled.map((highest) => highest + 1));
  return found;
}

function fieldsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(text.split(',').map((field) => field.split('=') as [string, string]));
}

function spelled(fields: Readonly<Record<string, string>>): string {
  return Object.keys(fields)
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join();
}

/** What the file of the history has, after the lines that still wait in the journal were added; by series and time. */
function storedIn(scene: Scene): ReadonlyMap<string, string> {
  const path = join(scene.state, 'history.db');
  const log = recordingLog();
  const history = new History({ path, clock: systemClock, log });
  const cursor = cursorOf(scene);
  for (const record of journalOf(scene)?.records ?? []) {
    if (record.first + record.size <= cursor) continue;
    for (const metric of parseLines(Buffer.from(record.text())).metrics) history.add(metric);
  }
  atOnce(history.seal());
  history.close();
  const found = new Map<string, string>();
  const database = openDatabase(loadDriver(), path, (error) => {
    throw error;
  });
  for (const set of database.sets().filter(({ name }) => name === 'load')) {
    for (const { bytes } of database.blocks(set.id, 'raw', 0, 2 ** 50)) {
      const { times, columns } = new Block(bytes).samples();
      for (const [row, time] of times.entries()) {
        const fields = columns
          .filter(({ present }) => present?.[row] !== 0)
          .map((column) => [column.name, textOf(column, row)]);
        found.set(`${set.tags['series']} ${time}`, spelled(Object.fromEntries(fields) as Record<string, string>));
      }
    }
  }
  database.close();
  expect(log.lines).toEqual([]);
  return found;
}

type Column = ReturnType<Block['samples']>['columns'][number];

/** As line protocol has it. */
function textOf({ kind, values }: Column, row: number): string {
  const value = values[row]!;
  if (kind === 'integer') return `${value}i`;
  if (kind === 'boolean') return String(value === 1);
  return kind === 'text' ? `"${value}"` : String(value);
}

/** A kill may tear the end of the journal; nothing else may be wrong. */
function checkLogs(lives: readonly Life[]): void {
  const complaints = lives.flatMap(({ log }) => log.split('\n').filter((line) => / (warn|error) /.test(line)));
  expect(complaints.filter((line) => !line.includes('The journal ends with an incomplete record'))).toEqual([]);
}
