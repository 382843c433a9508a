import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import { systemClock } from '../../src/core/clock.ts';
import { parseLines } from '../../src/metric/line-protocol.ts';
import { LineJournal } from '../../src/journal/line-journal.ts';
import { silentLog } from '../../src/testing.ts';
import { CLI, runCli, startCli, type RunningCli } from '../support/kit/cli.ts';
import { startSink, type Sink } from '../support/fakes/sink.ts';

/** Each test starts the program several times. */
jest.setTimeout(60_000);

let folder: string;
let sink: Sink;
const running: RunningCli[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-journal-'));
  sink = await startSink();
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((cli) => cli.end('SIGKILL')));
  await sink.close();
  rmSync(folder, { recursive: true, force: true });
});

const outputs = {
  file: () => `file: { path: ${folder}/out.lp }`,
  influxdb: () => influxdbAt(sink.port, 'influxdb'),
  /** A port without a listener. */
  away: () => influxdbAt(1, 'away'),
};

function influxdbAt(port: number, alias: string): string {
  return `influxdb: { alias: ${alias}, url: "http://127.0.0.1:${port}", database: telegraf, skip_database_creation: true }`;
}

function configured(...names: readonly (keyof typeof outputs)[]): string {
  const path = join(folder, 'healthd.yaml');
  const agent = `agent: { interval: 1s, flush_interval: 1s, stop_timeout: 2s, state_dir: ${folder}/state }`;
  const list = names.map((name) => `  - ${outputs[name]()}\n`).join('');
  writeFileSync(path, `${agent}\njournal: { keep: 1h }\ninputs: [mem]\noutputs:\n${list}`);
  return path;
}

function start(...args: readonly string[]): RunningCli {
  const cli = startCli(args, { cwd: folder });
  running.push(cli);
  return cli;
}

function healthd(...args: readonly string[]) {
  return runCli(args, { cwd: folder });
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await isTrue()); waited += 50) {
    if (waited > 40_000) throw new Error('It did not come about');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function cursor(name: string): string {
  return join(folder, 'state/journal/cursors', `${name}.cursor`);
}

interface Status {
  readonly exists: boolean;
  readonly in_use_by: number | null;
  readonly bytes: number;
  readonly oldest_age_ms: number;
  readonly cursors: readonly { readonly name: string; readonly unsent_lines: number; readonly unsent_bytes: number }[];
}

async function status(): Promise<Status> {
  const { code, stdout, stderr } = await healthd('journal', 'status', '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Status;
}

function times(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.slice(line.lastIndexOf(' ') + 1));
}

describe('without a journal', () => {
  test('status says so, and all other commands find and create nothing', async () => {
    configured('file');
    expect(await healthd('journal', 'status')).toMatchObject({
      code: 0,
      stdout: `No journal yet at ${folder}/state/journal\n`,
    });
    expect(await status()).toMatchObject({ exists: false, in_use_by: null, cursors: [] });
    expect(await healthd('journal', 'cat')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect((await healthd('journal', 'replay', '--output', 'file', '--from', '1h')).code).toBe(1);
    expect(await healthd('journal', 'forget', 'file')).toMatchObject({ code: 2 });
    expect(await healthd('dead-letter', 'list')).toMatchObject({ code: 0, stdout: 'No dead letters\n' });
    expect(await healthd('dead-letter', 'replay')).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, 'state'))).toBe(false);
  });
});

describe('beside a daemon', () => {
  test('status and cat show its journal without disturbing it', async () => {
    configured('file', 'away');
    const daemon = start('run');
    await until(async () => (await healthd('journal', 'cat')).stdout.split('\n').length > 3);
    const now = await status();
    expect(now).toMatchObject({ exists: true, in_use_by: daemon.child.pid });
    expect(now.oldest_age_ms).toBeLessThan(60_000);
    const away = now.cursors.find(({ name }) => name === 'away');
    expect(away?.unsent_lines).toBeGreaterThanOrEqual(3);
    expect(away?.unsent_bytes).toBe(now.bytes);

    const text = (await healthd('journal', 'status')).stdout;
    expect(text).toMatch(new RegExp(`^In use +by process ${daemon.child.pid ?? 0}$`, 'm'));
    expect(text).toMatch(/^away +\d+ +[\d.]+ K?i?B +[\dm]+s$/m);

    const { stdout } = await healthd('journal', 'cat');
    const { metrics, errors } = parseLines(stdout);
    expect(errors).toEqual([]);
    expect(new Set(metrics.map(({ name }) => name))).toEqual(new Set(['mem']));
    expect((await healthd('journal', 'cat', '--only', 'cpu,disk*')).stdout).toBe('');
    expect((await healthd('journal', 'cat', '--from', '1h', '--to', '30m')).stdout).toBe('');
    const last = times(stdout.trimEnd().split('\n')).at(-1)!;
    const rest = (await healthd('journal', 'cat', '--from', last)).stdout.trimEnd().split('\n');
    expect(rest[0]).toBe(stdout.trimEnd().split('\n').at(-1));

    expect((await daemon.end()).code).toBe(0);
    expect(daemon.stderr()).not.toContain('error');
    expect(await status()).toMatchObject({ in_use_by: null });
  });

  test('replay sends old lines again and moves no cursor', async () => {
    configured('influxdb', 'away');
    const daemon = start('run');
    await until(() => new Set(times(sink.lines)).size >= 4);
    const [, from = '', , to = ''] = [...new Set(times(sink.lines))];
    const before = (await status()).cursors.find(({ name }) => name === 'away')?.unsent_lines ?? 0;

    const expected = sink.lines.filter((line) => times([line]).every((time) => time >= from && time < to));
    sink.lines.length = 0;
    const { code, stderr, stdout } = await healthd(
      'journal',
      'replay',
      '--output',
      'influxdb',
      '--from',
      from,
      '--to',
      to,
    );
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toBe('Sent 2 lines in 1 batch to influxdb; none refused\n');
    // Lines that the daemon sends meanwhile are newer.
    expect(sink.lines.filter((line) => times([line]).every((time) => time <= to))).toEqual(expected);
    const after = (await status()).cursors.find(({ name }) => name === 'away')?.unsent_lines ?? 0;
    expect(after).toBeGreaterThanOrEqual(before);
    expect((await daemon.end()).code).toBe(0);
  });

  test('forget refuses an output in use and drops the cursor of a removed one', async () => {
    configured('file', 'away');
    const daemon = start('run');
    await until(() => existsSync(cursor('away')) && existsSync(cursor('file')));
    const refused = await healthd('journal', 'forget', 'away');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`away is a configured output in use by process ${daemon.child.pid ?? 0};`);

    configured('file');
    daemon.child.kill('SIGHUP');
    await daemon.until('Reloaded');
    expect((await healthd('journal', 'status')).stdout).toMatch(/^away .*"healthd journal forget away" drops it$/m);
    const unknown = await healthd('journal', 'forget', 'awya');
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringContaining('has no cursor "awya"; cursors: _history, away, file'),
    ]);
    const forgotten = await healthd('journal', 'forget', 'away');
    expect(forgotten.code).toBe(0);
    expect(forgotten.stdout).toMatch(/^Forgot away; dropped \d+ unsent lines?\n$/);
    expect(existsSync(cursor('away'))).toBe(false);
    expect((await daemon.end()).code).toBe(0);
    expect(existsSync(cursor('away'))).toBe(false);
    // Without a daemon a configured output can be forgotten: it starts over.
    expect((await healthd('journal', 'forget', 'file')).code).toBe(0);
  });
});

describe('journal replay', () => {
  test('applies the filter of the output and reports refused lines', async () => {
    await journalled(100);
    outputs.influxdb = () => influxdbAt(sink.port, 'influxdb').replace('{', '{ only: [m], batch_lines: 10,');
    configured('influxdb');
    sink.answer = (response) => response.writeHead(400).end('{"error":"field type conflict"}');
    const { code, stderr } = await healthd('journal', 'replay', '--output', 'influxdb', '--from', '0');
    outputs.influxdb = () => influxdbAt(sink.port, 'influxdb');
    expect(code).toBe(1);
    expect(stderr).toMatch(/influxdb refused 50 lines: .*field type conflict/);
    expect(stderr).toMatch(/^Sent 0 lines in 5 batches to influxdb; 50 lines refused$/m);
    expect(existsSync(join(folder, 'state/dead-letter.lp'))).toBe(false);
  });

  test('an interrupt ends it at once and reports progress', async () => {
    await journalled(100);
    configured('away');
    const replay = start('journal', 'replay', '--output', 'away', '--from', '0');
    await replay.until('Cannot write, retrying for up to 5m');
    const started = Date.now();
    const { code, stderr } = await replay.end('SIGINT');
    expect(Date.now() - started).toBeLessThan(3000);
    expect(code).toBe(1);
    expect(stderr).toContain('Interrupted\nSent 0 lines in 0 batches to away; none refused\n');
  });

  test('an unknown output and an invalid time are refused', async () => {
    configured('file');
    const output = await healthd('journal', 'replay', '--output', 'flie', '--from', '1h');
    expect([output.code, output.stderr]).toEqual([2, 'The configuration has no output "flie"; outputs: file\n']);
    const time = await healthd('journal', 'replay', '--output', 'file', '--from', 'noon');
    expect([time.code, time.stderr]).toEqual([2, expect.stringContaining('"noon" is not a time')]);
  });
});

/** Creates a journal with `lines` lines, alternating between the measurements `m` and `n`. */
async function journalled(lines: number): Promise<void> {
  const disk = {
    directory: join(folder, 'state/journal'),
    sync: 'none',
    maxBytes: 1e8,
    maxAge: 1e9,
    keep: 1e9,
  } as const;
  const journal = await LineJournal.open({ memoryBytes: 1e8, disk, clock: systemClock, log: silentLog });
  journal.reader('file');
  for (let i = 0; i < lines; i += 1)
    journal.append(
      Buffer.from(
        `${i % 2 === 0 ? 'm' : 'n'} text="line\n${Math.random()}",i=${i}i 1700000000${String(i).padStart(9, '0')}\n`,
      ),
      1,
    );
  await journal.close();
}

describe('journal cat', () => {
  test('prints every line unchanged and in order, strings with newlines included', async () => {
    await journalled(20_000);
    configured('file');
    const { stdout, stderr } = await healthd('journal', 'cat');
    const { metrics, errors } = parseLines(stdout);
    expect([stderr, errors]).toEqual(['', []]);
    expect(metrics.map(({ fields }) => fields['i'])).toEqual(Array.from({ length: 20_000 }, (_, i) => BigInt(i)));
    const half = parseLines((await healthd('journal', 'cat', '--only', 'n', '--to', '1700000000000010000')).stdout);
    expect(half.metrics).toHaveLength(5000);
  });

  test('a closed pipe is not an error', async () => {
    await journalled(20_000);
    configured('file');
    const script = '"$0" "$1" journal cat | head -c 10; exit ${PIPESTATUS[0]}';
    const {
      status: code,
      stderr,
      stdout,
    } = spawnSync('bash', ['-c', script, process.execPath, CLI], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe('m text="li');
  });

  test('damaged lines are skipped and reported', async () => {
    await journalled(20_000);
    configured('file');
    const path = join(folder, 'state/journal/0000000000000000.v1.seg');
    const bytes = readFileSync(path);
    bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
    writeFileSync(path, bytes);
    const { code, stdout, stderr } = await healthd('journal', 'cat');
    expect(code).toBe(0);
    const missing = 20_000 - parseLines(stdout).metrics.length;
    expect(missing).toBeGreaterThan(0);
    expect(stderr.replaceAll(/(?<=\d) (?=\d)/g, '')).toContain(`${missing} lines are missing`);
  });
});

describe('dead letters', () => {
  async function refuse(): Promise<void> {
    configured('influxdb', 'file');
    sink.answer = (response) => response.writeHead(400).end('{"error":"field type conflict"}');
    const daemon = start('run');
    await until(async () => (await list()).lines >= 2);
    await daemon.end();
  }

  async function list(): Promise<{ readonly lines: number; readonly groups: readonly { readonly output: string }[] }> {
    return JSON.parse((await healthd('dead-letter', 'list', '--json')).stdout) as Awaited<ReturnType<typeof list>>;
  }

  test('are listed, stay while refused, and are removed when accepted', async () => {
    await refuse();
    const { lines } = await list();
    const { stdout } = await healthd('dead-letter', 'list');
    expect(stdout).toMatch(/^\S+Z +influxdb +1 +http:\/\/.*field type conflict$/m);
    expect(stdout).toMatch(new RegExp(`^${lines} lines in ${lines} groups$`, 'm'));
    expect((await healthd('dead-letter', 'list', '--output', 'file')).stdout).toBe('No dead letters\n');

    const refused = await healthd('dead-letter', 'replay');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      `0 lines accepted, ${lines} lines refused again; ${lines} lines kept\n`,
    ]);
    expect((await list()).lines).toBe(lines);

    sink.answer = (response) => response.writeHead(204).end();
    expect((await healthd('dead-letter', 'replay', '--output', 'file')).stderr).toContain('0 lines accepted');
    const accepted = await healthd('dead-letter', 'replay', '--output', 'influxdb');
    expect([accepted.code, accepted.stderr]).toEqual([
      0,
      `${lines} lines accepted, 0 lines refused again; no dead letters left\n`,
    ]);
    expect(sink.lines).toHaveLength(lines);
    expect((await list()).lines).toBe(0);
  });

  test('of a removed output stay until they are sent to another', async () => {
    await refuse();
    const { lines } = await list();
    configured('file');
    rmSync(join(folder, 'out.lp'), { force: true });
    const kept = await healthd('dead-letter', 'replay');
    expect(kept.code).toBe(1);
    expect(kept.stderr).toContain(`${lines} lines kept: output "influxdb" is not configured`);
    expect((await healthd('dead-letter', 'replay', '--to-output', 'nowhere')).code).toBe(2);
    const moved = await healthd('dead-letter', 'replay', '--output', 'influxdb', '--to-output', 'file');
    expect([moved.code, moved.stderr]).toEqual([0, expect.stringContaining(`${lines} lines accepted`)]);
    expect(readFileSync(join(folder, 'out.lp'), 'utf8').trimEnd().split('\n')).toHaveLength(lines);
    expect((await list()).lines).toBe(0);
  });

  test('an interrupt keeps all unsent lines', async () => {
    await refuse();
    const { lines } = await list();
    const port = sink.port;
    await sink.close();
    const replay = start('dead-letter', 'replay');
    await replay.until('Cannot write');
    const { code, stderr } = await replay.end('SIGINT');
    expect(code).toBe(1);
    expect(stderr).toContain(`${lines} lines not sent; ${lines} lines kept`);
    expect((await list()).lines).toBe(lines);
    sink = await startSink(port);
    expect((await healthd('dead-letter', 'replay')).code).toBe(0);
    expect(sink.lines).toHaveLength(lines);
  });
});
