/** The program of the service on Windows, compiled as C# 5 and run by Mono, with the built agent. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect } from '@jest/globals';

import { serviceProgram } from '../../src/service/windows/service-program.ts';
import { testWith, waitFor } from '../support/servers/real-server.ts';

const CLI = join(import.meta.dirname, '../../dist/cli.js');
const HARNESS = join(import.meta.dirname, 'program/harness.cs');

const monoTest = testWith(
  { binary: 'mcs', package: 'mono-mcs, and libmono-system-serviceprocess4.0-cil' },
  { binary: 'mono', package: 'mono-runtime' },
);

let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-service-'));
});

afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function compile(source: string, ...more: readonly string[]): string {
  const program = join(folder, 'service.exe');
  const file = join(folder, 'service.cs');
  writeFileSync(file, source);
  execFileSync('mcs', [
    ...['-langversion:5', '-warnaserror', '-target:exe', '-reference:System.ServiceProcess.dll', `-out:${program}`],
    ...[file, ...more],
  ]);
  return program;
}

/** @returns what it has printed, and what is in the event log, so far */
function start(script: string) {
  const source = serviceProgram({ command: [process.execPath, script], config: join(folder, 'a b.yaml') });
  const program = compile(source.slice(0, source.indexOf('static class Job')), HARNESS, '-main:Harness');
  const log = join(folder, 'events');
  mkdirSync(log);
  const started = spawn('mono', [program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, MONO_EVENTLOG_TYPE: `local:${log}` },
  });
  child = started;
  let printed = '';
  started.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const events = () =>
    readdirSync(log, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.log'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  return { started, printed: () => printed, events };
}

monoTest('W-025: it is C# 5', () => {
  compile(serviceProgram({ command: ['C:\\a "b"\\node.exe', 'C:\\c d\\cli.js'], config: 'D:\\"x"\\' }));
  return Promise.resolve();
});

monoTest(
  'W-025: it runs the agent, copies its log to the event log, and stops it in good order',
  async () => {
    const state = join(folder, 'state');
    const config = { agent: { interval: '1s', state_dir: state }, inputs: ['cpu'], outputs: [{ file: { path: join(folder, 'm.lp') } }], server: false }; // prettier-ignore
    writeFileSync(join(folder, 'a b.yaml'), JSON.stringify(config));
    const { started, printed, events } = start(CLI);
    const logged = (text: string) => waitFor(() => events().some((one) => one.includes(text)), { timeout: 30_000, what: text }); // prettier-ignore
    await logged('info  [agent] Started');
    expect(printed()).toBe('started\n');
    started.stdin.write('stop\n');
    await waitFor(() => printed().includes('stopped'), { timeout: 40_000, what: 'The stop' });
    await logged('info  [agent] Stopped');
    expect(events().some((one) => one.includes('is killed'))).toBe(false);
  },
  120_000,
);

monoTest(
  'W-025: an agent that fails is a warning of its level in the log, and the end of the program with a failure',
  async () => {
    const script = join(folder, 'fails.mjs');
    writeFileSync(
      script,
      "console.error('2026-01-02T03:04:05.678Z warn  [agent] läuft über'); process.exitCode = 7;\n",
    );
    const { started, events } = start(script);
    const code = await new Promise((resolve) => started.once('exit', resolve));
    expect(code).toBe(1);
    const [warning, error] = ['läuft über', 'The agent has ended with exit code 7; it is started again'].map((text) =>
      events().find((one) => one.includes(text)),
    );
    // EventLogEntryType: 2 is a warning, 1 an error.
    expect(warning).toMatch(/^EntryType: 2$/m);
    expect(error).toMatch(/^EntryType: 1$/m);
  },
  60_000,
);
