/** The first commands of a newcomer, on the built program. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { runCli, startCli, type RunningCli } from '../support/kit/cli.ts';
import { PSEUDO_TERMINAL, runOnTerminal } from '../support/kit/terminal.ts';
import { testWith, waitFor } from '../support/servers/real-server.ts';

let folder: string;
const running: RunningCli[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-minute-'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((cli) => cli.end('SIGKILL')));
  rmSync(folder, { recursive: true, force: true });
});

const here = () => ({ cwd: folder, env: { STATE_DIRECTORY: join(folder, 'state') } });

async function started(yaml: string): Promise<RunningCli> {
  writeFileSync(join(folder, 'healthd.yaml'), yaml);
  const cli = startCli(['run'], here());
  running.push(cli);
  await cli.until('Started', 30_000);
  return cli;
}

const onTerminal = testWith(PSEUDO_TERMINAL);

describe('healthd run on a terminal', () => {
  onTerminal(
    'U-011: the first screen in an empty folder shows CPU usage, where the data lies and what is next, and no metrics follow',
    async () => {
      const terminal = runOnTerminal(['run'], here());
      await waitFor(() => /^ {2}Page .*\n/m.test(terminal.shown()), { timeout: 30_000 });
      const shown = terminal.shown();
      expect(shown).toMatch(/^ {2}Now {8}CPU \d+ % · memory [\d.]+ .* GiB/m);
      expect(shown).toContain(`  Data       ${join(folder, 'state')} (of the user `);
      expect(shown).toMatch(
        /^ {2}Next .* init .*\n.* top .*\n.* service install .*\n\n {2}Page {7}http:\/\/127\.0\.0\.1:\d+\/#[\w-]{20,}\n$/m,
      );
      terminal.type('\u0003');
      await terminal.ended;
      // The metrics of the first gather would be printed at the latest when it ends.
      expect(terminal.shown().replace(shown, '')).not.toMatch(/usage|mem/i);
    },
    60_000,
  );

  onTerminal(
    '--print prints the metrics instead',
    async () => {
      const terminal = runOnTerminal(['run', '--print'], here());
      await waitFor(() => terminal.shown().includes('Started'), { timeout: 30_000 });
      terminal.type('\u0003');
      await terminal.ended;
      expect(terminal.shown()).toMatch(/^mem/im);
      expect(terminal.shown()).not.toContain('Ctrl-C stops it');
    },
    60_000,
  );
});

onTerminal(
  'init asks again for what it cannot use, and keeps what was answered before',
  async () => {
    const terminal = runOnTerminal(['init', 'asked.yaml'], here());
    const answer = async (question: RegExp, text: string) => {
      await waitFor(() => question.test(terminal.shown()), { timeout: 30_000 });
      terminal.type(`${text}\r`);
    };
    await answer(/Send metrics .*: /, 'influx:8086');
    await answer(/"influx:8086" is not a URL[^]*Send metrics .*: /, 'http://influx:8086/servers');
    await answer(/Notify whom .*: /, 'ops@example.org');
    await answer(/By which mail server.*: /, 'mail');
    await answer(/"mail" is not the URL of a mail server[^]*By which mail server.*: /, 'smtp://mail');
    await terminal.ended;
    const text = readFileSync(join(folder, 'asked.yaml'), 'utf8');
    expect(text).toContain('database: servers');
    expect(text).toContain('smtp: "smtp://mail"');
  },
  60_000,
);

describe('U-013: healthd reload and stop', () => {
  const config = (inputs: string) => `inputs: ${inputs}\noutputs: [discard]\n`;

  test('reload answers with what has changed, or with what is wrong and changes nothing', async () => {
    await started(config('[mem, cpu]'));
    writeFileSync(join(folder, 'healthd.yaml'), config('[mem, swap]'));
    const file = join(folder, 'healthd.yaml');
    expect(await runCli(['reload'], here())).toEqual({
      code: 0,
      stdout: `Reloaded ${file}: changed inputs; started swap; stopped cpu\n`,
      stderr: '',
    });
    expect((await runCli(['reload'], here())).stdout).toBe(`Reloaded ${file}: nothing has changed\n`);
    writeFileSync(file, config('[memm]'));
    const refused = await runCli(['reload'], here());
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/healthd\.yaml:1:10: .*\n[^]*\^{4}\n[^]*did you mean "mem"/);
    writeFileSync(file, 'inputs: [mem\n');
    expect((await runCli(['reload'], here())).code).toBe(1);
    writeFileSync(file, config('[mem, swap]'));
    expect((await runCli(['reload'], here())).stdout).toContain('nothing has changed');
  }, 60_000);

  test('stop answers when the process has ended, also while the file of the configuration is broken', async () => {
    const cli = await started(config('[mem]'));
    writeFileSync(join(folder, 'healthd.yaml'), 'inputs: [mem\n');
    expect(await runCli(['stop'], here())).toEqual({
      code: 0,
      stdout: `Stopped process ${cli.child.pid}\n`,
      stderr: '',
    });
    expect(await cli.finished).toMatchObject({ code: 0, stderr: expect.stringMatching(/Stopped$/m) });
    const again = await runCli(['stop'], here());
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('No healthd is running on') });
  }, 60_000);
});

describe('U-013: healthd status', () => {
  test('tells by its exit code and by its text whether the agent runs, and what is wrong', async () => {
    const before = await runCli(['status'], here());
    expect(before).toMatchObject({ code: 3, stdout: expect.stringContaining('No healthd is running on') });
    const cli = await started('agent: { interval: 1s }\ninputs: [mem]\noutputs: [discard]\n');
    const { stdout } = await runCli(['status'], here());
    expect(stdout).toMatch(new RegExp(`^healthd [\\d.]+ runs: process ${cli.child.pid} for \\d+s, `));
    expect(stdout).toMatch(/^ {2}Page {7}http:\/\/127\.0\.0\.1:\d+\/#/m);
    expect(stdout).toMatch(/^ {2}mem +1s +/m);
    writeFileSync(
      join(folder, 'healthd.yaml'),
      `inputs: [mem, exec: { commands: [[/does/not/exist]] }]\noutputs: [discard]\n`,
    );
    expect((await runCli(['reload'], here())).code).toBe(0);
    await waitFor(async () => (await runCli(['status'], here())).stdout.includes('✗ Input exec: '), {
      timeout: 20_000,
    });
    const { code, stdout: json } = await runCli(['status', '--json'], here());
    expect([code, JSON.parse(json)]).toEqual([
      1,
      expect.objectContaining({ running: true, problems: expect.arrayContaining([{ text: expect.stringContaining('/does/not/exist') }]) }), // prettier-ignore
    ]);
  }, 90_000);
});
