/** The commands over the history, as a user runs them: beside a running agent, and without one. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

import { parseLines } from '../../src/metric/line-protocol.ts';
import { controlClient } from '../../src/server/client.ts';
import { CLI, runCli, startCli, type RunningCli } from '../support/kit/cli.ts';
import { PSEUDO_TERMINAL, runOnTerminal } from '../support/kit/terminal.ts';
import { testWith, waitFor } from '../support/servers/real-server.ts';

/** Each test starts the program several times. */
jest.setTimeout(120_000);

let folder: string;
let agent: RunningCli | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-history-commands-'));
});
afterEach(async () => {
  await agent?.end('SIGKILL');
  agent = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const healthd = (...args: readonly string[]) => runCli(args, { cwd: folder });
const text = (lines: string) => new Set(lines.split('\n').filter((line) => line !== ''));

/** Every line that it gathers is in `out.lp` too. */
async function start(buffer = 'disk'): Promise<void> {
  const agentSection = `agent: { interval: 1s, flush_interval: 1s, stop_timeout: 5s, hostname: box, state_dir: ${folder}/state }`;
  const rest = `inputs: [mem, cpu]\noutputs: [file: { path: ${folder}/out.lp }]\nserver: false\n`;
  writeFileSync(join(folder, 'healthd.yaml'), `${agentSection}\njournal: { buffer: ${buffer} }\n${rest}`);
  agent = startCli(['run'], { cwd: folder });
  await agent.until(/Started/, 60_000);
  await gathered(3);
}

const written = () => (existsSync(join(folder, 'out.lp')) ? readFileSync(join(folder, 'out.lp'), 'utf8') : '');

/** Until so many more samples of memory are in the file. */
async function gathered(count: number): Promise<void> {
  const now = () =>
    written()
      .split('\n')
      .filter((line) => line.startsWith('mem,')).length;
  const before = now();
  await waitFor(() => Promise.resolve(now() >= before + count), { timeout: 60_000, interval: 50, what: 'samples' });
}

/** The same fields in any order. */
function sorted(lines: string): readonly string[] {
  const { metrics } = parseLines(Buffer.from(lines));
  return metrics
    .map(({ name, tags, fields, time }) =>
      JSON.stringify([name, Object.entries(tags).sort(), Object.entries(fields).sort(), time], (_, value: unknown) =>
        typeof value === 'bigint' ? `${value}i` : value,
      ),
    )
    .sort();
}

async function exportHas(lines: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await healthd('history', 'export', ...args);
  expect([code, stderr]).toEqual([0, '']);
  const all = new Set(sorted(stdout));
  expect(sorted(lines).filter((line) => !all.has(line))).toEqual([]);
  return stdout;
}

test.each(['disk', 'memory'])('an export has each line that was gathered, with a journal in %s', async (buffer) => {
  await start(buffer);
  const before = written();
  expect(text(before).size).toBeGreaterThan(5);
  await exportHas(before);
  const only = await healthd('history', 'export', 'mem.used_percent', '--format', 'csv', '--from', '1h');
  expect(only.stdout.split('\n')[0]).toBe('time,measurement,host,tags,field,value');
  expect(only.stdout.split('\n')[1]).toMatch(/^20\d\d-.*Z,mem,box,,used_percent,[\d.]+$/);
  expect(await healthd('history', 'export', 'mems.used_percent')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('did you mean "mem"?') as unknown as string,
  });
  const json = await healthd('history', 'export', 'cpu{cpu=cpu-total}', '--format', 'jsonl');
  const objects = json.stdout
    .trim()
    .split('\n')
    .map((each) => JSON.parse(each) as { tags: object });
  expect(objects.every(({ tags }) => JSON.stringify(tags) === '{"cpu":"cpu-total","host":"box"}')).toBe(true);
});

test('after kill -9 nothing that reached the journal is missing; a backup has it too and is restored', async () => {
  await start();
  const backup = await healthd('history', 'backup', 'while-running.db');
  expect([backup.code, backup.stdout]).toEqual([0, expect.stringMatching(/while-running\.db has the history, /)]);
  expect(statSync(join(folder, 'while-running.db')).mode & 0o777).toBe(0o600);
  const refused = await healthd('history', 'restore', 'while-running.db');
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/An agent runs on .*; stop it first: healthd stop/),
  ]);

  const { stdout: whole } = await healthd('history', 'export');
  await agent!.end('SIGKILL');
  const exported = await exportHas(whole);
  expect((await healthd('history', 'backup', 'later.db')).code).toBe(0);
  expect(await healthd('history', 'backup', 'later.db')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/later\.db exists; choose another file/) as unknown as string,
  });

  rmSync(join(folder, 'state/journal'), { recursive: true });
  for (const name of readdirSync(join(folder, 'state')))
    if (name.startsWith('history.db')) rmSync(join(folder, 'state', name));
  const missing = await healthd('query', 'mem.used');
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('There is no history in ')]);
  const restored = await healthd('history', 'restore', 'later.db');
  expect([restored.code, restored.stdout]).toEqual([
    0,
    expect.stringMatching(/^The history is that of .*later\.db now\n$/),
  ]);
  await exportHas(exported);
  // An agent goes on with it.
  await start();
  await exportHas(exported + written());
});

test('query draws, and says what there is instead of a misspelt name', async () => {
  await start();
  const drawn = await healthd('query', 'cpu.usage_*{cpu=cpu-total}', 'mem.used_percent', '--from', '5m');
  expect([drawn.code, drawn.stderr]).toEqual([0, '']);
  expect(drawn.stdout).toMatch(/^series +last +min +mean +max$/m);
  expect(drawn.stdout).toMatch(/^mem\.used_percent .*\d %( +[\d.]+ %){3}$/m);
  expect(drawn.stdout).not.toContain('\u001b');
  const one = await healthd('query', 'mem.used', '--from', '5m');
  expect(one.stdout).toMatch(/^mem\.used {2}mean of \d+ s\n *\d.*B [┤|]/);
  const misspelt = await healthd('query', 'mem.usde');
  expect([misspelt.code, misspelt.stderr]).toEqual([1, '"mem" has no field "usde"; did you mean "mem.used"?\n']);
  const empty = await healthd('query', 'mem.used', '--from', '2d', '--to', '1d');
  expect([empty.code, empty.stderr]).toEqual([
    1,
    expect.stringMatching(/^No samples from .* to .*; the newest is of 20/),
  ]);
});

test('sql answers from tables, reads only, and lists tables and columns', async () => {
  await start();
  const { stdout, stderr } = await healthd(
    'sql',
    'select count(*) n, min(total) > 1e6 big from mem',
    '--format',
    'csv',
  );
  const lines = written()
    .split('\n')
    .filter((line) => line.startsWith('mem,')).length;
  expect(stdout).toMatch(/^n,big\n\d+,1\n$/);
  expect(Math.abs(Number(/\n(\d+)/.exec(stdout)?.[1]) - lines)).toBeLessThan(20);
  expect(stderr).toMatch(/^From .*Z to .*Z; --from and --to choose another range\n$/);
  const list = await healthd('sql', '--format', 'json');
  expect(JSON.parse(list.stdout)).toContainEqual({ table: 'cpu', column: 'usage_idle', is: 'float' });
  for (const statement of [
    'delete from mem',
    'insert into mem (time) values (1) returning time',
    "attach 'x.db' as x",
  ]) {
    expect(await healthd('sql', statement)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('healthd sql only reads') as unknown as string,
    });
  }
  expect((await healthd('sql', 'select 1; select 2')).stderr).toBe(
    'healthd sql takes one statement, and here are several\n',
  );
  expect((await healthd('sql', 'select * from mmem')).stderr).toContain('did you mean "mem"?');
  expect(existsSync(join(folder, 'x.db'))).toBe(false);
});

test('a reader that closes the pipe ends an export without an error', async () => {
  await start();
  const command = `'${process.execPath}' '${CLI}' history export | head -n 1; echo "\${PIPESTATUS[0]}" >&2`;
  const shell = spawn('bash', ['-c', command], { cwd: folder, env: { ...process.env, HEALTHD_CONFIG: '' } });
  let [out, err] = ['', ''];
  shell.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  shell.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  await new Promise((resolve) => shell.on('close', resolve));
  expect(out.split('\n')).toHaveLength(2);
  expect(err).toBe('0\n');
});

test('a reload is an event only if it has changed something', async () => {
  await start();
  const client = controlClient(join(folder, 'state'), process.platform);
  const changes = async () => {
    const { events } = (await client.get(`/api/v1/events?from=${Date.now() - 3_600_000}&limit=100`)) as {
      events: readonly { title: string }[];
    };
    return events.filter(({ title }) => title === 'healthd has a new configuration').length;
  };
  expect((await healthd('reload')).code).toBe(0);
  expect(await changes()).toBe(0);
  const config = readFileSync(join(folder, 'healthd.yaml'), 'utf8');
  writeFileSync(join(folder, 'healthd.yaml'), config.replace('[mem, cpu]', '[mem]'));
  expect((await healthd('reload')).code).toBe(0);
  await waitFor(async () => (await changes()) === 1, { timeout: 20_000, interval: 50, what: 'an event' });
});

testWith(PSEUDO_TERMINAL)('on a terminal the chart has colours, and no code is shown as text', async () => {
  await start();
  const shown = runOnTerminal(['query', 'mem.used_percent', '--from', '5m'], { cwd: folder, env: { LANG: 'C.UTF-8' } });
  await shown.ended;
  expect(shown.shown()).toMatch(/^mem\.used_percent {2}mean of \d+ s\n100 % ┤/);
  expect(shown.shown()).not.toContain('x1b');
});
