/** Lines that a real InfluxDB 1 refuses permanently, among many good ones, through the whole agent. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { Agent } from '../../src/agent/agent.ts';
import { influxdb } from '../../src/outputs/influxdb/index.ts';
import { formatLine, type Accumulator, type Metric, type Output, type OutputPlugin } from '../../src/plugin/index.ts';
import { INFLUXD, startInfluxd, type Influxd } from '../support/servers/influxd.ts';
import { testWith, waitFor } from '../support/servers/real-server.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { configOf, inputEntry, outputEntry } from '../support/kit/runner.ts';

const realTest = testWith(INFLUXD);

const LINES = 5000;
const TIME = 1_700_000_000_000_000_000n;

/** Positions of the bad lines: the first, the last, neighbours, and some others. */
const BAD = [0, 1, 777, 2500, 2501, 4096, LINES - 1];

/** A value that fits 64 bits and line protocol, but that InfluxDB 1 cannot store. */
const TOO_LATE = 2n ** 63n - 1n;

const STRING_FOR_FLOAT = 'input field "v" on measurement "m" is type string, already exists as type float';
const FLOAT_FOR_INTEGER = 'input field "w" on measurement "m" is type float, already exists as type integer';
const OUTSIDE_RANGE = 'time outside range -9223372036854775806 - 9223372036854775806';

function good(n: number): Metric {
  return { name: 'm', tags: { host: 'h' }, fields: { v: n / 2, w: 1n }, time: TIME + BigInt(n) };
}

const wrongString = (n: number): Metric => ({ ...good(n), fields: { v: 'text', w: 1n } });
const wrongFloat = (n: number): Metric => ({ ...good(n), fields: { v: 1, w: 0.5 } });
const wrongTime = (n: number): Metric => ({ ...good(n), tags: { host: 'h', n: String(n) }, time: TOO_LATE });

/** The result of one batch. */
interface Outcome {
  /** Lines in the database. */
  readonly stored: number;
  /** Lines in the dead-letter file, and the comments above them. */
  readonly refused: readonly string[];
  readonly comments: readonly string[];
  /** Number of lines in each write. */
  readonly writes: readonly number[];
  readonly log: readonly string[];
}

/** The plugin, recording the size of each write. */
function recording(writes: number[]): OutputPlugin {
  return {
    ...influxdb,
    create: async (options: never, context) => {
      const output: Output = await influxdb.create(options, context);
      return {
        ...output,
        write: (batch, signal) => {
          writes.push(batch.size);
          return output.write(batch, signal);
        },
      };
    },
  };
}

/** Establishes the field types. Each week (a shard) has its own. */
async function writeFirst(server: Influxd): Promise<void> {
  await server.query('CREATE DATABASE d');
  const body = `m,host=first v=1,w=1i ${TIME}`;
  const { status } = await fetch(`${server.url}/write?db=d`, { method: 'POST', body });
  expect(status).toBe(204);
}

/** Gathers the lines at once and sends them as one batch. Resolves when all are settled. */
async function deliver(metrics: readonly Metric[], server: Influxd, folder: string): Promise<Outcome> {
  const log = recordingLog();
  const writes: number[] = [];
  const left = [...metrics];
  const gather = (acc: Accumulator) => {
    for (const { name, fields, tags, time } of left.splice(0)) acc.add(name, fields, tags, time);
  };
  const output = outputEntry({} as Output, {
    alias: 'db',
    plugin: recording(writes),
    options: influxdb.config.parse({ url: server.url, database: 'd' }),
    batch_lines: LINES,
    batch_bytes: 4 * 1024 * 1024,
  });
  const config = configOf({ state_dir: folder, inputs: [inputEntry({ gather })], outputs: [output] });
  const agent = new Agent({ config, version: 'test', environment: {}, logFor: () => log });
  const stored = async () => {
    const [series] = await server.query("SELECT count(v) FROM m WHERE host = 'h'", { db: 'd' });
    return Number(series?.values[0]?.[1] ?? 0);
  };
  await agent.start();
  try {
    await waitFor(async () => (await stored()) >= LINES - BAD.length, { timeout: 20_000, what: 'The good lines' });
  } finally {
    await agent.stop();
  }
  const letters = readFileSync(join(folder, 'dead-letter.lp'), 'utf8').trimEnd().split('\n');
  return {
    stored: await stored(),
    refused: letters.filter((line) => !line.startsWith('#')),
    comments: letters.filter((line) => line.startsWith('#')),
    writes,
    log: log.lines,
  };
}

async function withServer(body: (server: Influxd, folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-poison-'));
  const server = await startInfluxd();
  try {
    await writeFirst(server);
    await body(server, folder);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Case {
  readonly what: string;
  /** @param n position in the batch @param nth position among the bad lines */
  readonly bad: (n: number, nth: number) => Metric;
  /** The server's reasons. */
  readonly reasons: readonly string[];
}

const CASES: readonly Case[] = [
  { what: 'of the wrong type', bad: wrongString, reasons: [STRING_FOR_FLOAT] },
  { what: 'of a time that cannot be stored', bad: wrongTime, reasons: [OUTSIDE_RANGE] },
  {
    // The server describes the first reason and counts them all.
    what: 'of the wrong type in two fields',
    bad: (n, nth) => (nth < 4 ? wrongString(n) : wrongFloat(n)),
    reasons: [STRING_FOR_FLOAT, FLOAT_FOR_INTEGER],
  },
  {
    // If a line has the wrong type, the server does not count the lines that it could not parse.
    what: 'of the wrong type or of a time that cannot be stored',
    bad: (n, nth) => (nth % 2 === 0 ? wrongString(n) : wrongTime(n)),
    reasons: [STRING_FOR_FLOAT, OUTSIDE_RANGE],
  },
];

for (const { what, bad, reasons } of CASES) {
  realTest(`7 lines ${what} among 5000 are set aside with the reason, and the other 4993 arrive`, () =>
    withServer(async (server, folder) => {
      const metrics = Array.from({ length: LINES }, (_, n) => (BAD.includes(n) ? bad(n, BAD.indexOf(n)) : good(n)));
      const { stored, refused, comments, writes, log } = await deliver(metrics, server, folder);
      expect(stored).toBe(4993);
      expect([...refused].sort()).toEqual(BAD.map((n) => formatLine(metrics[n]!)).sort());
      const counts = comments.map((comment) => Number(/ output=db lines=(\d+) reason="/.exec(comment)?.[1]));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(7);
      for (const reason of reasons) {
        expect(comments.join('\n').replaceAll('\\"', '"')).toContain(reason);
        expect(log.join('\n')).toContain(reason);
      }
      expect(log.join('\n')).toContain('warn: Lines were refused and are in the dead-letter file: ');
      expect(writes[0]).toBe(LINES);
      expect(writes.length).toBeLessThan(100);
    }),
  );
}
