/**
 * Starts real servers for tests: on loopback, on free ports, with data in a folder of their own, stopped by process id. Without
 * the server its tests are skipped by name; in continuous integration they fail.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { test } from '@jest/globals';

/** Folders of daemons that are not in the PATH of an ordinary user. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

export interface Requirement {
  /** The executable, e.g. `influxd`. */
  readonly binary: string;
  /** The Debian package, e.g. `influxdb`. */
  readonly package: string;
}

export interface ServerSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** True once the server answers. Polled with its output so far; throwing counts as "not yet". */
  readonly ready: (output: string) => boolean | Promise<boolean>;
  /** Default: 15 000 ms. */
  readonly timeout?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningServer {
  readonly pid: number;
  /** Its output so far, both streams; the last 64 KiB. */
  output(): string;
  /** Stops the process and waits for its exit. May be called twice. */
  stop(): Promise<void>;
}

/** The full path of an executable, or undefined. */
export function findBinary(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), ...SYSTEM_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  if (!existsSync(path) || !statSync(path).isFile()) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Declares tests that need executables: `const realTest = testWith({ binary: 'influxd', package: 'influxdb' })`, then
 * `realTest('title', async () => …)`.
 */
export function testWith(...requirements: readonly Requirement[]) {
  const missing = requirements.filter(({ binary }) => findBinary(binary) === undefined);
  return (title: string, body: () => Promise<void>, timeout = 30_000): void => {
    if (missing.length === 0) {
      test(title, body, timeout);
      return;
    }
    const what = `needs ${missing.map(({ binary, package: name }) => `${binary} (package ${name})`).join(', ')}`;
    if (process.env['CI'] !== 'true') {
      test.skip(`${title} (${what})`, body);
      return;
    }
    test(title, () => {
      throw new Error(`This test ${what}, which is not installed; in CI it must not be skipped`);
    });
  };
}

/**
 * Below those that systems give to outgoing connections, which would take a port between its check and its use; above
 * those that `fetch` and browsers refuse ("bad port", https://fetch.spec.whatwg.org/#port-blocking).
 */
const PORTS = { from: 10_081, to: 32_000 };

/** A free port of 127.0.0.1; a random one, so that tests that run at the same time do not get the same. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(true);
    });
  });
  if (isListening) await new Promise((resolve) => server.close(resolve));
  return isListening;
}

/**
 * Polls until the condition holds; throwing counts as "not yet".
 *
 * @throws after `timeout` milliseconds, with the last error of the condition as the cause
 */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  { timeout = 10_000, interval = 20, what = 'The condition' } = {},
): Promise<void> {
  const until = performance.now() + timeout;
  let cause: unknown;
  do {
    try {
      if (await condition()) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(interval);
  } while (performance.now() < until);
  throw new Error(`${what} did not come true within ${timeout} ms`, { cause });
}

/** An empty folder that a server may write to; the caller removes it with `remove`. */
export function serverFolder(name: string): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `healthd-${name}-`));
  chmodSync(path, 0o700);
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** @throws if the server exits or is not ready in time, with its output */
export async function startServer(spec: ServerSpec): Promise<RunningServer> {
  const command = findBinary(spec.command) ?? spec.command;
  const child = spawn(command, spec.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...spec.env },
  });
  const output = collectOutput(child);
  const stop = () => end(child);
  try {
    await becomeReady(child, output, spec);
  } catch (error) {
    await stop();
    throw new Error(`${spec.command} did not start: ${(error as Error).message}\n${output()}`, { cause: error });
  }
  return { pid: child.pid ?? -1, output, stop };
}

async function becomeReady(
  child: ChildProcess,
  output: () => string,
  { ready, timeout = 15_000, command }: ServerSpec,
): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  await waitFor(
    async () => {
      if (failure !== undefined || hasEnded(child)) return true;
      return ready(output());
    },
    { timeout, what: `Readiness of ${command}` },
  );
  if (failure !== undefined) throw failure;
  if (hasEnded(child)) throw new Error(`it ended with ${child.exitCode ?? child.signalCode ?? 'no code'}`);
}

function collectOutput(child: ChildProcess): () => string {
  let text = '';
  const add = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-65_536);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return () => text;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** SIGTERM, after five seconds SIGKILL. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 5000);
  await exited;
  clearTimeout(force);
}

/** Freezes all threads of a process until SIGCONT, and waits until the signal has taken effect. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const state = (thread: string) => readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').replace(/^.*\) /s, '')[0];
  await waitFor(() => readdirSync(`/proc/${pid}/task`).every((thread) => state(thread) === 'T'), {
    interval: 1,
    what: `The freeze of process ${pid}`,
  });
}
