/** The built agent with a damaged history: before its start, and while it runs. It gathers on, and nothing else suffers. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { systemClock } from '../../src/core/clock.ts';
import { atOnce } from '../../src/core/turns.ts';
import { History } from '../../src/history/history.ts';
import { loadDriver } from '../../src/host/sqlite/driver.ts';
import { controlClient } from '../../src/server/client.ts';
import { silentLog } from '../../src/testing.ts';
import { chance } from '../faults/chance.ts';
import { startCli, type RunningCli } from '../support/kit/cli.ts';
import { diskTest, smallDisk } from '../support/servers/small-disk.ts';
import { serverFolder, waitFor } from '../support/servers/real-server.ts';

const SEED = process.env['SEED'] ?? String(Date.now());
/** Kinds of damage that are tried; the seed chooses them. Default: two of each group. */
const KINDS = Number(process.env['DAMAGES'] ?? 2);
const HOUR_MS = 3_600_000;
const HOURS = 6;

const INPUT = `
  import { defineInput, z } from 'healthd/plugin';
  export default defineInput({
    name: 'count',
    summary: 'Made by a test',
    config: z.strictObject({}),
    metrics: { count: { fields: { n: { type: 'int', help: 'From 0 on' } } } },
    create: () => {
      let n = 0;
      return { gather(acc) { acc.add('count', { n: n++ }); } };
    },
  });
`;

jest.setTimeout(90_000);

/** A history of some hours, as an agent leaves it. */
const models = mkdtempSync(join(tmpdir(), 'healthd-history-model-'));
const model = join(models, 'history.db');
beforeAll(() => {
  const history = new History({ path: model, clock: systemClock, log: silentLog });
  const start = Math.floor(Date.now() / HOUR_MS - HOURS) * HOUR_MS;
  for (let at = start; at < start + HOURS * HOUR_MS; at += 10_000) {
    for (const name of ['a', 'b', 'c']) {
      const fields = { busy: Math.sin(at), idle: Math.cos(at) };
      history.add({ name, tags: Object.freeze({}), fields, time: BigInt(at) * 1_000_000n });
    }
  }
  atOnce(history.seal());
  history.close();
});
afterAll(() => {
  rmSync(models, { recursive: true });
});

class Scene {
  readonly #folder = serverFolder('history-damage');
  readonly state: string;
  #cli: RunningCli | undefined;

  constructor(state?: string) {
    this.state = state ?? join(this.#folder.path, 'state');
    mkdirSync(this.state, { recursive: true });
    writeFileSync(join(this.#folder.path, 'count.mjs'), INPUT);
    writeFileSync(this.path, readFileSync(model));
  }

  /** Of the history. */
  get path(): string {
    return join(this.state, 'history.db');
  }

  get log(): string {
    return this.#cli?.stderr() ?? '';
  }

  async start(): Promise<void> {
    const config = join(this.#folder.path, 'healthd.json');
    const content = {
      agent: { interval: '100ms', flush_interval: '100ms', omit_hostname: true, state_dir: this.state },
      server: false,
      inputs: ['./count.mjs'],
      outputs: [{ file: { path: join(this.#folder.path, 'out.lp'), format: 'influx' } }],
    };
    writeFileSync(config, JSON.stringify(content));
    this.#cli = startCli(['run', '--config', config], { cwd: this.#folder.path });
    await this.#cli.until(/ Started /, 30_000);
  }

  get(path: string): Promise<unknown> {
    return controlClient(this.state, process.platform).get(`/api/v1/${path}`);
  }

  async says(text: string): Promise<void> {
    await this.#cli!.until(text, 30_000);
  }

  /** Everything is read that is stored, which finds what is damaged. */
  async readAll(): Promise<void> {
    const names = ['a', 'b', 'c'].flatMap((name) => [`s=${name}.busy`, `s=${name}.idle`]).join('&');
    const range = `from=${Date.now() - HOURS * HOUR_MS}&width=5000`;
    await this.get(`query?${names}&${range}`).catch(() => undefined);
    await this.get('series').catch(() => undefined);
  }

  get #numbers(): readonly number[] {
    const path = join(this.#folder.path, 'out.lp');
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    return [...text.matchAll(/ n=(\d+)i /g)].map(([, n]) => Number(n));
  }

  /** The next numbers reach the file. */
  async goesOn(): Promise<void> {
    const { length } = this.#numbers;
    await waitFor(() => this.#numbers.length >= length + 5, { timeout: 30_000, what: 'The next lines in the file' });
  }

  /** What is gathered now is answered. */
  async answers(): Promise<void> {
    const from = Date.now();
    await waitFor(
      async () => {
        const answer = (await this.get(`query?s=count.n&fn=last&width=100&from=${from}`)) as {
          readonly series: readonly { readonly values: { readonly last: readonly (number | null)[] } }[];
        };
        return answer.series[0]!.values.last.some((value) => value !== null);
      },
      { timeout: 60_000, interval: 200, what: 'What is gathered now in the history' },
    );
  }

  /** Ends the agent: cleanly, and without a gap in the file. @returns its warnings and errors */
  async end(): Promise<readonly string[]> {
    await this.get('agent');
    const { code, stderr } = await this.#cli!.end();
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const numbers = this.#numbers;
    expect(numbers).toEqual(numbers.map((_, index) => index));
    return stderr
      .split('\n')
      .flatMap((line) => / (?:warn|error) +\[(?:history|server)\] .*/.exec(line)?.[0].trim() ?? []);
  }

  get isSetAside(): boolean {
    return readdirSync(this.state).some((name) => name.startsWith('history.db.damaged-'));
  }

  remove(): void {
    this.#cli?.child.kill('SIGKILL');
    this.#folder.remove();
  }
}

async function withScene(work: (scene: Scene) => Promise<void>, state?: string): Promise<void> {
  const scene = new Scene(state);
  try {
    await work(scene);
  } catch (error) {
    throw new Error(`With SEED=${SEED} and this log:\n${scene.log}`, { cause: error });
  } finally {
    scene.remove();
  }
}

type Damage = (path: string, random: () => number) => void;

const flips: Damage = (path, random) => {
  const bytes = readFileSync(path);
  for (let hit = 0; hit < 200; hit += 1) bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8);
  writeFileSync(path, bytes);
};
const zeroes: Damage = (path) => {
  writeFileSync(path, Buffer.alloc(readFileSync(path).length));
};
const part: Damage = (path, random) => {
  truncateSync(path, Math.floor(readFileSync(path).length * random()));
};
const nothing: Damage = (path) => {
  truncateSync(path, 0);
};
const directory: Damage = (path) => {
  rmSync(path);
  mkdirSync(path);
};

const SET_ASIDE = expect.stringMatching(/^warn .*Cannot use .*history\.db; moved it aside, the history starts empty: /);
const BLOCK = expect.stringMatching(/^warn .*A block of the history is damaged: /);

/** Says once that the file is set aside, if it is, and once that a block is damaged, if that was found. */
function check(complaints: readonly string[], isSetAside: boolean): void {
  const [aside, blocks] = ['moved it aside', 'A block'].map((text) => complaints.filter((line) => line.includes(text)));
  expect(aside).toEqual(isSetAside ? [SET_ASIDE] : []);
  expect(blocks!.length).toBeLessThanOrEqual(1);
  expect(blocks).toEqual(blocks!.map(() => BLOCK));
  expect(complaints).toHaveLength(aside!.length + blocks!.length);
}

function sampled(kinds: readonly [string, Damage][]): readonly [string, Damage][] {
  const random = chance(SEED);
  const drawn = kinds.map((kind) => ({ kind, rank: random() })).sort((a, b) => a.rank - b.rank);
  return drawn.slice(0, KINDS).map(({ kind }) => kind);
}

describe('before the start', () => {
  test.each(
    sampled([
      ['flipped bits', flips],
      ['a part of it', part],
      ['zeroes', zeroes],
      ['nothing', nothing],
      ['a directory', directory],
    ]),
  )('%s in place of the history', (_, damage) =>
    withScene(async (scene) => {
      damage(scene.path, chance(SEED));
      await scene.start();
      await scene.goesOn();
      await scene.answers();
      await scene.readAll();
      const complaints = await scene.end();
      check(complaints, scene.isSetAside);
      if (![flips, part].includes(damage)) expect(complaints).toEqual([SET_ASIDE]);
    }),
  );

  test('a file of a newer version in place of the history is left alone', () =>
    withScene(async (scene) => {
      const db = new (loadDriver())(scene.path);
      db.exec('PRAGMA journal_mode = DELETE; PRAGMA user_version = 999');
      db.close();
      const before = readFileSync(scene.path);
      await scene.start();
      await scene.says('There is no history: ');
      await scene.goesOn();
      expect(await scene.end()).toEqual([expect.stringMatching(/upgrade healthd, or move the file away/)]);
      expect(readFileSync(scene.path)).toEqual(before);
    }));

  test('a link to itself in place of the history is reported once, and the history is tried again', () =>
    withScene(async (scene) => {
      rmSync(scene.path);
      symlinkSync(scene.path, scene.path);
      await scene.start();
      await scene.says('must be a file that the agent may read and write');
      await scene.goesOn();
      rmSync(scene.path);
      await scene.answers();
      expect(await scene.end()).toHaveLength(1);
    }));
});

describe('under a running agent', () => {
  test.each(
    sampled([
      ['flipped bits', flips],
      ['a part of it', part],
      ['zeroes', zeroes],
      ['nothing', nothing],
      [
        'flipped bits in the -wal',
        (path, random) => {
          flips(`${path}-wal`, random);
        },
      ],
      [
        'a part of the -wal',
        (path, random) => {
          part(`${path}-wal`, random);
        },
      ],
      [
        'nothing in the -wal',
        (path, random) => {
          nothing(`${path}-wal`, random);
        },
      ],
    ]),
  )('%s in place of the history', (_, damage) =>
    withScene(async (scene) => {
      await scene.start();
      await scene.answers();
      damage(scene.path, chance(SEED));
      await scene.readAll();
      await scene.goesOn();
      await scene.answers();
      check(await scene.end(), scene.isSetAside);
    }),
  );
});

diskTest('a full disk: the history is opened when there is room', async () => {
  const disk = smallDisk();
  try {
    await withScene(async (scene) => {
      disk.fill();
      await scene.start();
      await scene.says('must be a file that the agent may read and write');
      await scene.goesOn();
      disk.empty();
      await scene.answers();
      await scene.goesOn();
      expect(await scene.end()).toHaveLength(1);
    }, disk.path);
  } finally {
    disk.remove();
  }
});
