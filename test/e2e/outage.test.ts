/** A database outage of a day: the agent with its journal on disk, a real InfluxDB 1, and a manual clock. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect } from '@jest/globals';

import { Agent } from '../../src/agent/agent.ts';
import { openJournal } from '../../src/journal/part.ts';
import type { Config } from '../../src/config/config.ts';
import type { OutputEntry } from '../../src/deliver/entry.ts';
import type { InputEntry } from '../../src/gather/entry.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { influxdb } from '../../src/outputs/influxdb/index.ts';
import type { Accumulator, Batch, Output, OutputPlugin } from '../../src/plugin/index.ts';
import { manualClock } from '../../src/testing.ts';
import { INFLUXD, startInfluxd, type Influxd } from '../support/servers/influxd.ts';
import { testWith, waitFor } from '../support/servers/real-server.ts';
import { recordingLog, type RecordingLog } from '../support/kit/recording-log.ts';
import { configOf, inputEntry, outputEntry, type ManualClock } from '../support/kit/runner.ts';
import { settle } from '../support/kit/settle.ts';

const realTest = testWith(INFLUXD);

const KiB = 1024;
const MiB = 1024 * KiB;

/** Interval of gathers and flushes; ms. */
const INTERVAL = 10_000;
const TICKS_OF_HOUR = 360;
const START = 1_700_000_000_000;
const INPUTS = ['a', 'b'];
const LINES_OF_INPUT = 5;
const LINES_OF_DAY = 24 * TICKS_OF_HOUR * INPUTS.length * LINES_OF_INPUT;

/** The lines of an interval take half a KiB, those of a day four MiB; some intervals are written together. */
const MOST_IN_MEMORY = 256 * KiB;
/** The newest lines and those read ahead take about 4 MiB. */
const MOST_GROWTH = 8 * MiB;
/** After that, in the second half of the day: fifty bytes per line. */
const MOST_GROWTH_OF_HALF_A_DAY = 2 * MiB;

/** Statistics of the lines that reached a destination. Times in ns. */
class Arrivals {
  lines = 0;
  newest = 0;
  /** Lines that arrived after one with a later time. */
  late = 0;

  add(batch: Batch): void {
    this.lines += batch.size;
    for (const line of Buffer.from(batch.lines).toString('latin1').trimEnd().split('\n')) {
      const time = Number(line.slice(line.lastIndexOf(' ') + 1));
      if (time < this.newest) this.late += 1;
      this.newest = Math.max(this.newest, time);
    }
  }
}

/** The plugin, recording acknowledged lines in order. */
function recorded(arrivals: Arrivals): OutputPlugin {
  return {
    ...influxdb,
    create: async (options: never, context) => {
      const output = await influxdb.create(options, context);
      return {
        ...output,
        write: async (batch, signal) => {
          await output.write(batch, signal);
          arrivals.add(batch);
        },
      };
    },
  };
}

function fakeInput(name: string, onGather: () => void): InputEntry {
  let gathers = 0;
  const gather = (acc: Accumulator) => {
    gathers += 1;
    onGather();
    for (let line = 0; line < LINES_OF_INPUT; line += 1)
      acc.add('m', { v: Math.sin(gathers + line) }, { n: `${name}${line}` });
  };
  return inputEntry({ gather }, { alias: name, fingerprint: name });
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use, on and off the heap. */
async function usedMemory(): Promise<number> {
  // Memory freed off the heap is accounted for only after the second run.
  for (let time = 0; time < 2; time += 1) {
    await settle();
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** An agent with two outputs, measured after each step of its clock. */
class Run {
  readonly log: RecordingLog = recordingLog();
  readonly database = new Arrivals();
  readonly healthy = new Arrivals();
  readonly #clock: ManualClock = manualClock(START);
  readonly #config: Config;
  #journal!: Journal;
  #agent!: Agent;
  #stopped: Promise<void> | undefined;
  #gathers = 0;
  /** Maximum wait of a line for the healthy output; ms. */
  longestWait = 0;
  /** Maximum of bytes that the journal had in memory only. */
  mostInMemory = 0;

  constructor(folder: string, url: string) {
    const steady: Output = {
      write: (batch) => {
        this.healthy.add(batch);
        return Promise.resolve();
      },
    };
    const batches = { batch_lines: 5000, batch_bytes: 4 * MiB };
    // An hour, because the clock advances while a real request is in flight.
    const timeouts = {
      timeout: 3_600_000,
      options: influxdb.config.parse({ url, database: 'd', request_timeout: '1h' }),
    };
    const outputs: OutputEntry[] = [
      outputEntry(steady, { alias: 'away', plugin: recorded(this.database), ...timeouts, ...batches }),
      outputEntry(steady, { alias: 'healthy', ...batches }),
    ];
    this.#config = configOf({
      state_dir: folder,
      journal: {
        ...{ buffer: 'disk', sync: 'interval', max_bytes: 1024 * MiB, memory_bytes: 64 * MiB },
        ...{ max_age: 7 * 86_400_000, keep: 0 },
      },
      inputs: INPUTS.map((name) => fakeInput(name, () => (this.#gathers += 1))),
      outputs,
    });
  }

  /** Time of the last step; ns. */
  get now(): number {
    return this.#clock.now() * 1e6;
  }

  get gatheredLines(): number {
    return this.#gathers * LINES_OF_INPUT;
  }

  get unsentLines(): number {
    return this.#journal.reader('away').pendingLines;
  }

  async start(): Promise<void> {
    const { journal: settings, agent } = this.#config;
    this.#journal = await openJournal({ settings, stateDirectory: agent.state_dir }, this.#clock, this.log);
    this.#agent = new Agent({
      config: this.#config,
      version: 'test',
      environment: {},
      logFor: () => this.log,
      clock: this.#clock,
      random: () => 0.999,
      journal: this.#journal,
    });
    await this.#agent.start();
    await settle();
  }

  /** Advances the clock and lets everything due happen. */
  async step(ms = INTERVAL): Promise<void> {
    this.#clock.advance(ms);
    // Files and sockets get a few hundred turns of the event loop; anything later counts as late.
    for (let round = 0; round === 0 || (round < 100 && this.#wait > INTERVAL); round += 1) await settle(8);
    this.longestWait = Math.max(this.longestWait, this.#wait);
    this.mostInMemory = Math.max(this.mostInMemory, this.#journal.status.memoryBytes);
  }

  async hours(count: number): Promise<void> {
    for (let step = 0; step < count * TICKS_OF_HOUR; step += 1) await this.step();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#agent.stop();
    return this.#stopped;
  }

  /** Wait of the oldest line that the healthy output has not got. */
  get #wait(): number {
    return this.#clock.now() - (this.healthy.newest / 1e6 + INTERVAL);
  }
}

async function withRun(body: (run: Run, server: Influxd) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-outage-'));
  const server = await startInfluxd();
  const run = new Run(folder, server.url);
  try {
    await run.start();
    await body(run, server);
  } finally {
    await run.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

realTest(
  'F-018: after an outage of a day the database has every line, in order, and the other output noticed nothing',
  () =>
    withRun(async (run, server) => {
      await run.hours(0.2);
      await server.halt();
      const { lines } = run.database;
      expect(lines).toBeGreaterThan(0);
      const atFirst = await usedMemory();
      await run.hours(12);
      const atHalf = await usedMemory();
      await run.hours(12);
      const atLast = await usedMemory();
      expect(run.database.lines).toBe(lines);
      expect(run.unsentLines).toBeGreaterThanOrEqual(LINES_OF_DAY);

      await server.resume();
      const catchUp = async () => {
        await run.step(1000);
        return run.unsentLines < LINES_OF_INPUT * INPUTS.length * 3;
      };
      await waitFor(catchUp, { timeout: 30_000, interval: 5, what: 'Catching up' });
      await run.stop();

      expect(run.longestWait).toBeLessThanOrEqual(INTERVAL);
      expect(run.mostInMemory).toBeLessThan(MOST_IN_MEMORY);
      expect(atLast - atFirst).toBeLessThan(MOST_GROWTH);
      expect(atLast - atHalf).toBeLessThan(MOST_GROWTH_OF_HALF_A_DAY);

      expect(run.database.late).toBe(0);
      expect(run.healthy).toMatchObject({ lines: run.gatheredLines, late: 0 });
      const counts = await server.query('SELECT count(v) FROM m GROUP BY n', { db: 'd' });
      const ofEach = run.gatheredLines / (INPUTS.length * LINES_OF_INPUT);
      expect(counts.map(({ values }) => values[0]?.[1])).toEqual(Array(INPUTS.length * LINES_OF_INPUT).fill(ofEach));
      const [oldest] = await server.query('SELECT first(v) FROM m', { db: 'd' });
      const [newest] = await server.query('SELECT last(v) FROM m', { db: 'd' });
      expect(oldest?.values[0]?.[0]).toBe(START * 1e6);
      expect(newest?.values[0]?.[0]).toBe(run.healthy.newest);
      expect(run.now - run.healthy.newest).toBeLessThan(INTERVAL * 1e6);

      const isFailure = (line: string) => line.startsWith('warn: Cannot write: ');
      const failures = run.log.lines.filter(isFailure);
      expect(failures.join()).toContain('nothing listens there; start InfluxDB or correct url (ECONNREFUSED)');
      // It is tried about every minute, and every hundredth failure is logged.
      expect(failures.length).toBeLessThan(40);
      expect(run.log.lines.filter((line) => !isFailure(line))).toEqual([
        'info: Started',
        'info: There is no database "d" yet; the first write creates it',
        'info: Created the missing database',
        expect.stringMatching(/^info: Writing works again after (23h59m|1d)/),
        'info: Catching up',
        'info: Caught up',
        'info: Stopped',
      ]);
    }),
  180_000,
);
