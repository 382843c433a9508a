import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'healthd-watchdog-'));

/** A thread cannot run TypeScript, so the scenarios are bundled like the program itself. */
beforeAll(() => {
  const entries = ['test/host/watchdog/scenarios.ts', 'src/watchdog-thread.ts'];
  const options = ['--bundle', '--platform=node', '--format=esm', '--entry-names=[name]', `--outdir=${folder}`];
  execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), [...entries, ...options, '--log-level=error'], { cwd: ROOT });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function run(scenario: string, whileRunning: (pid: number) => Promise<void> = () => Promise.resolve()) {
  // A group of its own, so that programs which the scenario started end with it.
  const child = spawn(process.execPath, [join(folder, 'scenarios.js'), scenario], { detached: true });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exited = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('exit', (_code, signal) => {
      resolve(signal);
    });
  });
  try {
    await whileRunning(child.pid!);
    const signal = await exited;
    return { signal, stdout, log: stderr.replaceAll(folder, '').replace(/^\S+ /gm, '').split('\n').slice(0, -1) };
  } finally {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // nothing is left of the group
    }
  }
}

/** Scenario → culprit. */
const BLOCKED = {
  'a gather': 'inputs.a in spinFor (/scenarios.js)',
  create: 'inputs.a in spinFor (/scenarios.js)',
  // The innermost of nested calls.
  'a processor': 'processors.heavy in spinFor (/scenarios.js)',
  // Attributed to the calls that are not finished.
  'after an await': 'Code after an await of inputs.a in spinFor (/scenarios.js)',
  // JavaScript does not run, so there is no place.
  'a system call': 'inputs.a',
};

test('U-003: a plugin that does not return is named with its place, and the process ends', async () => {
  const ends = Object.entries(BLOCKED).map(async ([scenario, culprit]) => {
    const { signal, stdout, log } = await run(scenario);
    const lines = log.map((line) => line.replace(/(spinFor \(\/scenarios\.js):\d+\)/, '$1)'));
    expect({ scenario, signal, stdout, lines }).toEqual({
      scenario,
      signal: 'SIGALRM',
      stdout: '',
      lines: [
        `warn  [watchdog] ${culprit} has blocked the event loop for 400ms; after 3s the process ends`,
        `error [watchdog] ${culprit} has blocked the event loop for 3s; the process ends`,
      ],
    });
  });
  await Promise.all(ends);
});

test('a block that ends before the limit is logged when it ends', async () => {
  const { signal, stdout } = await run('for a while');
  expect(signal).toBeNull();
  expect(stdout).toMatch(
    /^inputs\.a in spinFor \(.*\) has blocked the event loop for \S+; it runs again\nended by itself\n$/,
  );
});

test('a process that is stopped and continued is not blocked', async () => {
  const result = await run('nothing', async (pid) => {
    await sleep(1500);
    process.kill(pid, 'SIGSTOP');
    await sleep(4000);
    process.kill(pid, 'SIGCONT');
  });
  expect(result).toEqual({ signal: null, stdout: 'ended by itself\n', log: [] });
});
