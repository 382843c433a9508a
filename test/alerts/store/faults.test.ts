/** The store on disk when its process is killed, and on a full or read-only disk. */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Libsql from 'libsql';

import { waitFor } from '../../support/servers/real-server.ts';
import { diskTest, smallDisk } from '../../support/servers/small-disk.ts';

const ROOT = join(import.meta.dirname, '../../..');
const LIVES = 5;
let folder = '';
let script = '';

beforeAll(() => {
  // In node_modules, so that the native package is found from there.
  const cache = join(ROOT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, 'healthd-store-process-'));
  script = join(folder, 'store-process.mjs');
  const options = {
    entryPoints: [join(import.meta.dirname, 'store-process.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  };
  // In a separate process, since esbuild does not work in the test runner's sandbox.
  const build = `require('esbuild').buildSync(${JSON.stringify(options)})`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', build], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface StoreProcess {
  readonly child: ChildProcessWithoutNullStreams;
  lines(): readonly string[];
  /** Waits for a matching line, and returns it. */
  said(what: RegExp): Promise<string>;
  ended(): Promise<void>;
}

function start(directory: string): StoreProcess {
  const child = spawn(process.execPath, [script, directory]);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += `stderr ${chunk.toString()}`;
  });
  const exit = new Promise<void>((resolve) =>
    child.once('close', () => {
      resolve();
    }),
  );
  // The last line may not be whole yet.
  const lines = () => output.split('\n').slice(0, -1);
  return {
    child,
    lines,
    async said(what) {
      await waitFor(() => lines().some((line) => what.test(line)), { what: `A line like ${what.source}` });
      return lines().find((line) => what.test(line))!;
    },
    ended: () => exit,
  };
}

describe('after the process was killed while it wrote', () => {
  it('AL-060, AL-064: the store has every acknowledged change, and no partial transaction', async () => {
    const directory = join(folder, 'killed');
    let acknowledged = -1;
    for (let life = 0; life < LIVES; life += 1) {
      const life = start(directory);
      const has = await life.said(/^has/);
      const found = has.slice('has '.length).split(',').filter(Boolean).map(Number);
      expect(found.length).toBeGreaterThan(acknowledged);
      life.child.stdin.write('run\n');
      await life.said(new RegExp(`^done ${found.length + Math.floor(Math.random() * 50)}$`));
      life.child.kill('SIGKILL');
      await life.ended();
      acknowledged = Number(
        life
          .lines()
          .findLast((line) => line.startsWith('done'))
          ?.split(' ')[1],
      );
      expect(life.lines().filter((line) => /^(?:log|stderr)/.test(line))).toEqual([]);
    }

    const db = new Libsql(join(directory, 'alerts.db'));
    const all = (sql: string) => db.prepare(sql).all() as Record<string, unknown>[];
    const numbers = all('SELECT key FROM states')
      .map(({ key }) => Number(key))
      .sort((a, b) => a - b);
    expect(numbers.at(-1)).toBeGreaterThanOrEqual(acknowledged);
    expect(numbers).toEqual(numbers.map((_, index) => index));
    expect(all('SELECT key FROM facts')).toEqual([{ key: String(numbers.at(-1)) }]);
    expect(all('SELECT count(*) AS entries FROM history')).toEqual([{ entries: numbers.length }]);
    db.close();
  }, 60_000);
});

describe('AL-064: a disk that cannot be written', () => {
  diskTest('does not block: changes are kept in memory and written when there is space again', async () => {
    const disk = smallDisk();
    try {
      const first = start(disk.path);
      first.child.stdin.write('put 0\n');
      await first.said(/^done 0$/);
      disk.fill();
      first.child.stdin.write('put 1\nput 2\n');
      await first.said(/^done 2$/);
      disk.empty();
      first.child.stdin.write('put 3\n');
      await first.said(/^done 3$/);
      first.child.stdin.end();
      await first.ended();
      expect(first.lines().filter((line) => line.startsWith('log'))).toEqual([
        expect.stringMatching(/^log warn: Cannot write alert state; keeping it in memory .*SQLITE_FULL/),
        'log info: Alert state is written to disk again',
      ]);

      const second = start(disk.path);
      expect(await second.said(/^has/)).toBe('has 0,1,2,3');
      second.child.stdin.end();
      await second.ended();
    } finally {
      disk.remove();
    }
  });

  diskTest('and is full at the start: the existing state is still read', async () => {
    const disk = smallDisk();
    try {
      const first = start(disk.path);
      first.child.stdin.end('put 0\n');
      await first.ended();
      disk.fill();
      const second = start(disk.path);
      second.child.stdin.end('put 1\n');
      await second.ended();
      expect(second.lines()).toEqual(['has 0', expect.stringMatching(/^log warn: .*SQLITE_FULL/), 'done 1']);
    } finally {
      disk.remove();
    }
  });

  diskTest('and is read-only at the start: state is kept in memory, which is logged once', async () => {
    const disk = smallDisk();
    try {
      disk.remount('ro');
      const only = start(disk.path);
      only.child.stdin.end('put 0\nput 1\n');
      await only.ended();
      expect(only.lines()).toContain('done 1');
      expect(only.lines().filter((line) => line.startsWith('log'))).toEqual([
        expect.stringMatching(/^log warn: Alert state is kept in memory only/),
      ]);
    } finally {
      disk.remove();
    }
  });
});
