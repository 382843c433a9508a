/** The built agent with its state on a real file system that is full or read-only, and one of two destinations down. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from '@jest/globals';

import { startCli, type RunningCli } from '../support/kit/cli.ts';
import { freePort, serverFolder, waitFor } from '../support/servers/real-server.ts';
import { startSink, type Sink } from '../support/fakes/sink.ts';
import { breakableDisk, breakableDiskTest, diskTest, smallDisk } from '../support/servers/small-disk.ts';

/** Reports numbered lines that hardly compress, up to the number in `wanted`, and writes the agent's counters to `counted`. */
const NUMBERED = `
  import { randomBytes } from 'node:crypto';
  import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
  import { join } from 'node:path';
  import { defineInput, z } from 'healthd/plugin';

  export default defineInput({
    name: 'numbered',
    summary: 'Made by a test',
    config: z.strictObject({ folder: z.string() }),
    metrics: { m: { fields: { n: { type: 'int', help: 'A number' }, text: { type: 'string', help: 'Anything' } } } },
    create({ folder }, { self }) {
      const [wanted, path] = [join(folder, 'wanted'), join(folder, 'counted')];
      let collected = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).collected : 0;
      let gathers = 0;
      return {
        gather(acc) {
          // The counters are those of the previous gather.
          const counted = { gathers, collected, metrics: self.snapshot() };
          writeFileSync(path + '.new', JSON.stringify(counted));
          renameSync(path + '.new', path);
          const end = Math.min(Number(readFileSync(wanted, 'utf8')), collected + 100);
          for (; collected < end; collected += 1)
            acc.add('m', { n: collected, text: randomBytes(100).toString('hex') });
          gathers += 1;
        },
      };
    },
  });
`;

/** Memory bound for lines that cannot be written; a hundred compressed lines are a fiftieth of it. */
const MEMORY = '512KiB';
/** Number of lines that exceeds it. */
const TOO_MANY = 8000;

interface Counted {
  readonly gathers: number;
  readonly collected: number;
  readonly metrics: readonly {
    readonly name: string;
    readonly tags: Readonly<Record<string, string>>;
    readonly fields: Readonly<Record<string, number>>;
  }[];
}

/** The agent with an output `up` that works and an output `down` that is unreachable until it is revived. */
class Scene {
  readonly #folder = serverFolder('disk-full');
  readonly #config = this.#at('healthd.json');
  readonly #up: Sink;
  readonly #downPort: number;
  #down: Sink | undefined;
  #cli: RunningCli | undefined;
  #wanted = 0;

  private constructor(stateDirectory: string, up: Sink, downPort: number) {
    this.#up = up;
    this.#downPort = downPort;
    const output = (alias: string, port: number) => {
      const url = `http://127.0.0.1:${port}`;
      return { influxdb: { alias, url, database: 'd', skip_database_creation: true } };
    };
    writeFileSync(this.#at('wanted'), '0');
    writeFileSync(this.#at('numbered.mjs'), NUMBERED);
    const config = {
      agent: { interval: '100ms', flush_interval: '200ms', stop_timeout: '2s', state_dir: stateDirectory },
      journal: { memory_bytes: MEMORY },
      inputs: [{ './numbered.mjs': { folder: this.#folder.path } }],
      outputs: [output('down', downPort), output('up', up.port)],
    };
    writeFileSync(this.#config, JSON.stringify(config));
  }

  static async open(stateDirectory: string): Promise<Scene> {
    return new Scene(stateDirectory, await startSink(), await freePort());
  }

  get log(): string {
    return this.#cli?.stderr() ?? '';
  }

  get wanted(): number {
    return this.#wanted;
  }

  async start(): Promise<void> {
    this.#cli = startCli(['run', '--config', this.#config], { cwd: this.#folder.path });
    await this.#cli.until('Started');
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    await this.#cli?.end(signal);
  }

  /** Resolves when `lines` more are gathered and have reached the healthy output. */
  async collect(lines: number): Promise<void> {
    this.#wanted += lines;
    writeFileSync(this.#at('wanted'), String(this.#wanted));
    const isThere = () => new Set(numbersOf(this.#up)).size === this.#wanted;
    // A hundred lines every 100 ms.
    await waitFor(isThere, { timeout: 10_000 + lines, what: `Line ${this.#wanted} at the healthy output` });
    const { gathers } = this.#counted;
    await waitFor(() => this.#counted.gathers > gathers + 2, { what: 'The next gather' });
  }

  async says(text: string | RegExp): Promise<void> {
    await this.#cli?.until(text, 20_000);
  }

  /** How often the log has the text. */
  timesSaid(text: string): number {
    return this.log.split(text).length - 1;
  }

  count(name: string, field: string, alias?: string): number {
    const found = this.#counted.metrics.find((metric) => metric.name === name && metric.tags['alias'] === alias);
    return found?.fields[field] ?? NaN;
  }

  /** Resolves when everything is on disk. */
  async journalled(): Promise<void> {
    await waitFor(() => this.count('internal_journal', 'memory_bytes') === 0, {
      what: 'A journal that is on the disk',
    });
  }

  /** Revives the output `down`. @returns the numbers of all lines that it gets */
  async revive(expected: number): Promise<readonly number[]> {
    this.#down = await startSink(this.#downPort);
    const down = this.#down;
    await waitFor(() => down.lines.length >= expected, { what: `${expected} lines at the output that was down` });
    return numbersOf(down);
  }

  async close(): Promise<void> {
    await this.end('SIGKILL');
    await this.#up.close();
    await this.#down?.close();
    this.#folder.remove();
  }

  #at(name: string): string {
    return join(this.#folder.path, name);
  }

  get #counted(): Counted {
    return JSON.parse(readFileSync(this.#at('counted'), 'utf8')) as Counted;
  }
}

function numbersOf({ lines }: Sink): readonly number[] {
  return lines.map((line) => Number(/ n=(\d+)i/.exec(line)?.[1]));
}

async function withScene(stateDirectory: string, body: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = await Scene.open(stateDirectory);
  try {
    await body(scene);
  } catch (error) {
    throw new Error(`With this log:\n${scene.log}`, { cause: error });
  } finally {
    await scene.close();
  }
}

const UNWRITABLE = 'The journal cannot be written, and lines are kept in memory until it can';
const DROPPED = 'Unsent lines are dropped';

/** The disk cannot be written. Everything goes on, and lines beyond the memory bound are dropped. */
async function expectToGoOn(scene: Scene, reason: string): Promise<void> {
  await scene.collect(TOO_MANY);
  await scene.says(DROPPED);
  expect(scene.log).toMatch(new RegExp(`warn .*${UNWRITABLE}: .*${reason}`));
  expect(scene.log).toMatch(new RegExp(`error .*outputs.influxdb::down.*${DROPPED}: .* lines=\\d+`));
  expect(scene.timesSaid(UNWRITABLE)).toBe(1);
  expect(scene.timesSaid(DROPPED)).toBe(1);
  expect(scene.count('internal_journal', 'degraded')).toBe(1);
  expect(scene.count('internal_write', 'metrics_dropped', 'down')).toBeGreaterThan(0);
  expect(scene.count('internal_write', 'metrics_dropped', 'up')).toBe(0);
}

/** The disk can be written again. @returns the number of lost lines */
async function expectToReturn(scene: Scene): Promise<number> {
  await scene.says(/The journal is written again after \d+s/);
  await scene.collect(1000);
  await scene.journalled();
  expect(scene.timesSaid(UNWRITABLE)).toBe(1);
  expect(scene.timesSaid(DROPPED)).toBe(1);
  expect(scene.count('internal_journal', 'degraded')).toBe(0);
  return scene.count('internal_write', 'metrics_dropped', 'down');
}

/** Lines on disk reach the revived output, each once and in order. */
async function expectOnDisk(scene: Scene, lines: number): Promise<void> {
  await scene.start();
  const numbers = await scene.revive(lines);
  expect(numbers).toHaveLength(lines);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
}

async function withDisk<Disk extends { readonly path: string; remove(): void }>(
  disk: Disk,
  body: (scene: Scene, disk: Disk) => Promise<void>,
): Promise<void> {
  try {
    await withScene(disk.path, async (scene) => {
      await scene.start();
      await scene.collect(1000);
      await scene.journalled();
      await body(scene, disk);
    });
  } finally {
    disk.remove();
  }
}

diskTest(
  'F-019: a full disk loses only lines beyond the memory bound, is logged once, and is used again when it has room',
  () =>
    withDisk(smallDisk(), async (scene, disk) => {
      disk.fill();
      await expectToGoOn(scene, 'ENOSPC');
      disk.empty();
      const lost = await expectToReturn(scene);
      await scene.end('SIGKILL');
      await expectOnDisk(scene, scene.wanted - lost);
      await scene.says(`No more lines are dropped lost_lines=${lost}`);
    }),
);

diskTest('a read-only disk is read, loses only lines beyond the memory bound, and is used again when writable', () =>
  withDisk(smallDisk(), async (scene, disk) => {
    // The system refuses to remount while a file is open for writing.
    await scene.end('SIGTERM');
    disk.remount('ro');
    await scene.start();
    await expectToGoOn(scene, 'EROFS');
    disk.remount('rw');
    const lost = await expectToReturn(scene);
    await scene.end('SIGTERM');
    expect(scene.log).toContain(`Lines were dropped until the stop lost_lines=${lost}`);
    await expectOnDisk(scene, scene.wanted - lost);
  }),
);

breakableDiskTest('a disk that the kernel remounts read-only after an error loses nothing that was on it', () =>
  withDisk(breakableDisk(), async (scene, disk) => {
    const { wanted } = scene;
    // The journal is synced once a second.
    await sleep(2000);
    disk.fail();
    await expectToGoOn(scene, 'EROFS');
    await scene.end('SIGKILL');
    disk.repair();
    await expectOnDisk(scene, wanted);
  }),
);
