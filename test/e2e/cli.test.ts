import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { parseLines } from '../../src/metric/line-protocol.ts';
import { CLI, runCli, startCli, type RunningCli } from '../support/kit/cli.ts';
import { PSEUDO_TERMINAL, runOnTerminal } from '../support/kit/terminal.ts';
import { freePort, testWith, waitFor } from '../support/servers/real-server.ts';
import { startSink, type Sink } from '../support/fakes/sink.ts';

const OWNER = { HEALTHD_CONFIG_OWNER: String(process.getuid?.() ?? '') };
const asRoot = process.getuid?.() === 0 ? test : test.skip;

let folder: string;
const running: RunningCli[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-cli-'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((cli) => cli.end('SIGKILL')));
  rmSync(folder, { recursive: true, force: true });
});

function configured(yaml: string): string {
  const path = join(folder, 'healthd.yaml');
  writeFileSync(path, yaml);
  return path;
}

function start(...args: readonly string[]): RunningCli {
  const cli = startCli(args, { cwd: folder, env: { STATE_DIRECTORY: folder } });
  running.push(cli);
  return cli;
}

describe('healthd', () => {
  test('version prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    expect(await runCli(['version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('help fits on two screens, in groups', async () => {
    const { code, stdout } = await runCli(['--help']);
    expect(code).toBe(0);
    expect(stdout.split('\n').length).toBeLessThanOrEqual(54);
    expect(stdout).toMatch(/^First steps:\n {2}run /m);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test('an unknown command is refused with a suggestion', async () => {
    const { code, stderr } = await runCli(['rnu']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('Did you mean run?');
  });

  test.each([
    ['rnu', 'healthd --help'],
    ['status --jsno', 'healthd status --help'],
    ['query', 'healthd query --help'],
    ['hub token creat', 'healthd hub token --help'],
    ['hub hosst', 'healthd hub --help'],
    ['hub', undefined],
  ])('healthd %s is misuse, and says where the help is', async (line, help) => {
    const { code, stdout, stderr } = await runCli(line.split(' '));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(help ?? 'Usage: healthd hub');
  });

  test('help of a command, as people ask for it', async () => {
    const all = await runCli(['--help']);
    expect(await runCli(['help'])).toEqual(all);
    expect(await runCli(['help', 'why'])).toEqual(await runCli(['why', '--help']));
    const { stdout } = await runCli(['help', 'rules']);
    expect(stdout).toMatch(/^Usage: healthd rules \[options\] \[command\]\n/);
    expect(stdout.match(/^\w+:$/gm)).toEqual(['Commands:']);
  });

  testWith(PSEUDO_TERMINAL)('problems are coloured on a terminal, but not with NO_COLOR', async () => {
    configured('inputs: [cpuu]\n');
    const shown = async (env: Readonly<Record<string, string>>) => {
      const terminal = runOnTerminal(['check'], { cwd: folder, env: { ...OWNER, ...env } });
      await terminal.ended;
      expect(terminal.shown()).toContain('did you mean "cpu"?');
      return terminal.raw();
    };
    expect(await shown({})).toContain('\u001b[');
    expect(await shown({ NO_COLOR: '1' })).not.toContain('\u001b[');
  });

  testWith(PSEUDO_TERMINAL)('hash-password does not show what is typed, and ends with Ctrl-C', async () => {
    const typed = runOnTerminal(['hash-password'], { cwd: folder, env: {} });
    await waitFor(() => Promise.resolve(typed.shown().includes('Enter:')));
    typed.type('swordfishes\r');
    await typed.ended;
    expect(typed.shown()).toMatch(/\$scrypt\$ln=15,r=8,p=1\$\S{22}\$\S{43}/);
    expect(typed.shown()).not.toContain('fishes');
    const left = runOnTerminal(['hash-password'], { cwd: folder, env: {} });
    await waitFor(() => Promise.resolve(left.shown().includes('Enter:')));
    left.type('\u0003');
    await left.ended;
    expect(left.shown()).not.toContain('$scrypt');
  });

  test('hash-password refuses what the configuration would refuse as it is', () => {
    const hashed = (input: string) =>
      spawnSync(process.execPath, [CLI, 'hash-password'], { encoding: 'utf8', input, env: {} });
    expect(hashed('1234567\n')).toMatchObject({ status: 2, stderr: expect.stringContaining('at least 8 characters') });
    expect(hashed('')).toMatchObject({ status: 2, stderr: expect.stringContaining('Nothing was read') });
    expect(hashed('12345678')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\$scrypt\$/), stderr: '' });
  });

  test('routes test points at a label that is probably misspelt', async () => {
    configured('inputs: [mem]\noutputs: [discard]\n');
    const misspelt = await runCli(['routes', 'test', 'lvel=critical'], { cwd: folder });
    expect(misspelt).toMatchObject({ code: 0, stderr: expect.stringContaining('did you mean "level"?') });
    expect(await runCli(['routes', 'test', 'level=critical'], { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
    expect((await runCli(['rules', 'test', 'none.yaml'], { cwd: folder })).stderr).toMatch(
      /^\S+none\.yaml does not exist\n$/,
    );
  });

  asRoot('a user without a name may use commands that record who acted (needs root, to become that user)', async () => {
    const through = ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups'];
    const state = join(folder, 'state');
    mkdirSync(state);
    chmodSync(folder, 0o755);
    const env = { STATE_DIRECTORY: state };
    const silence = await runCli(['silence', 'add', 'host=a', '--for', '1h'], { cwd: '/', env, through });
    expect(silence.stderr).toContain('No healthd is running');
    expect((await runCli(['doctor'], { cwd: '/', env, through })).stdout).toContain('Configuration');
    chmodSync(folder, 0o700);
    expect(await runCli(['alerts'], { cwd: '/', env, through })).toMatchObject({
      code: 1,
      stderr: `This user may not ask the healthd on ${state}; run the command as the user of the agent, or as root\n`,
    });
    const backup = await runCli(['hub', 'backup', '/none/copy.db'], { cwd: '/', env, through });
    expect(backup.stderr).toContain('Run this command as the user of the healthd process, or as root');
    chmodSync(folder, 0o755);
    chmodSync(configured('inputs: [mem]\n'), 0o600);
    for (const args of [['status'], ['status', '--config', join(folder, 'healthd.yaml')]])
      expect(await runCli(args, { cwd: folder, env, through })).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(
          /may not be read by this user \(EACCES\); run this as the user of the agent, or as root\n$/,
        ),
      });
  });

  test('a closed pipe is not an error', () => {
    const { stderr, stdout } = spawnSync('sh', ['-c', '"$0" "$1" config schema | head -c 10', process.execPath, CLI], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout).toHaveLength(10);
  });

  test('U-019: completion knows plugins, rules, notifiers and outputs', async () => {
    const path = configured('outputs: [{ discard: { alias: nowhere } }]\nnotifiers: { night: { console: {} } }\n');
    const complete = async (...words: readonly string[]) => {
      const { stdout } = await runCli(['complete', '--', ...words], { cwd: folder });
      return stdout.split('\n').map((line) => line.split('\t')[0]);
    };
    expect(await complete('plugins', 'prom')).toEqual(
      expect.arrayContaining(['prometheus', 'prometheus_remote_write']),
    );
    expect(await complete('config', 'sample', '')).toEqual(expect.arrayContaining(['cpu', 'slack']));
    expect(await complete('rules', 'explain', 'disk_f')).toContain('disk_fill');
    expect(await complete('notify', 'test', '')).toContain('night');
    expect(await complete('journal', 'replay', '--output', '')).toContain('nowhere');
    writeFileSync(path, 'outputs: [nothing]\n');
    expect(await complete('plugins', 'prom')).toContain('prometheus');
  }, 60_000);

  test.each([
    ['-v', 'Unknown option "-v"; write: healthd version'],
    ['-c x.yaml', 'The command comes before -c; write: healthd run -c x.yaml'],
    ['--config=x.yaml check --connect', 'The command comes before --config; write: healthd check --connect --config x.yaml'], // prettier-ignore
  ])('U-020: healthd %s is answered with the right form', async (line, answer) => {
    expect(await runCli(line.split(' '))).toMatchObject({ code: 2, stdout: '', stderr: `${answer}\n` });
  });

  test('completion prints a script for the shell', async () => {
    const { code, stdout } = await runCli(['completion', 'bash']);
    expect(code).toBe(0);
    expect(stdout).toContain('healthd');
  });
});

describe('healthd once', () => {
  test('prints every default input, rates included, as line protocol in a pipe', async () => {
    const { code, stdout, stderr } = await runCli(['once'], { cwd: folder });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { metrics, errors } = parseLines(stdout);
    expect(errors).toEqual([]);
    const total = metrics.find(({ name, tags }) => name === 'cpu' && tags['cpu'] === 'cpu-total');
    expect(total?.fields['usage_idle']).toEqual(expect.any(Number));
    const names = new Set(metrics.map(({ name }) => name));
    expect([...names].sort()).toEqual(
      expect.arrayContaining(['cpu', 'kernel', 'mem', 'net', 'processes', 'swap', 'system']),
    );
  });

  test('has an exit code for a failed input', async () => {
    const path = configured('inputs:\n  - mem\n  - exec: { commands: [[/does/not/exist]] }\n');
    const { code, stdout, stderr } = await runCli(['once', '--config', path]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^mem,/m);
    expect(stderr).toContain('/does/not/exist');
  });
});

describe('an invalid configuration', () => {
  const wrong = 'inputs:\n  - cpu: { percup: true }\n  - memm\noutputs:\n  - console\n  - console\n';

  test.each(['run', 'check', 'once'])('%s reports every problem with place, caret and suggestion', async (command) => {
    const path = configured(wrong);
    const { code, stdout, stderr } = await runCli([command, '--config', path]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(`${path}:2:12`);
    expect(stderr).toMatch(/did you mean "?percpu"?/i);
    expect(stderr).toContain(`${path}:3:5`);
    expect(stderr).toMatch(/did you mean "?mem"?/i);
    expect(stderr).toContain('alias');
    expect(stderr).toContain('3 problems');
  });
});

describe('plugins of the configuration', () => {
  const plugin = (name: string, kind: string, method: string) =>
    `import { define${kind}, z } from 'healthd/plugin';
export default define${kind}({ name: '${name}', summary: 'Made for ${name}', metrics: {},
  config: z.strictObject({ depth: z.number().default(3).describe('How deep') }), create: () => ({ ${method}() {} }) });
`;
  const configuredWithPlugins = (extra = '') => {
    writeFileSync(join(folder, 'queue.ts'), plugin('queue_depth', 'Input', 'gather'));
    writeFileSync(join(folder, 'chat.ts'), plugin('chat', 'Notifier', 'notify'));
    return configured(
      `plugins: [./chat.ts${extra}]\ninputs: [mem, ./queue.ts: { depth: 5 }]\nnotifiers: { team: { chat: {} } }\n`,
    );
  };

  test('U-025: are listed, documented and in the sample', async () => {
    const path = configuredWithPlugins();
    const { stdout } = await runCli(['plugins'], { cwd: folder });
    expect(stdout).toMatch(/^ {2}\.\/queue\.ts +Made for queue_depth$/m);
    expect(stdout).toMatch(/^ {2}chat +Made for chat$/m);
    for (const word of ['queue_depth', './queue.ts']) {
      const documented = await runCli(['plugins', word, '--config', path]);
      expect(documented.stdout).toMatch(/^queue_depth \(input\): Made for queue_depth\n\nOptions\n {2}depth/);
      const sample = await runCli(['config', 'sample', word, '--config', path]);
      expect(sample.stdout).toContain('  - ./queue.ts:\n      ## How deep\n      # depth: 3\n');
    }
    expect((await runCli(['config', 'sample', '--full', '--config', path])).stdout).toContain('\n    # chat:\n');
  }, 60_000);

  test('U-025: with a plugin that cannot be loaded the others are known', async () => {
    configuredWithPlugins(', ./none.ts');
    const { code, stdout, stderr } = await runCli(['plugins'], { cwd: folder });
    expect(stderr).toMatch(/^Not all plugins of the configuration are known: .*none\.ts does not exist\n$/);
    expect([code, stdout]).toEqual([0, expect.stringContaining('Made for chat')]);
  });

  test('U-026: the JSON Schema accepts them, with their options', async () => {
    const path = configuredWithPlugins();
    const schema = JSON.parse((await runCli(['config', 'schema', '--config', path])).stdout) as object;
    const at = (...keys: readonly (string | number)[]) =>
      keys.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], schema);
    const options = { anyOf: [expect.objectContaining({ properties: expect.objectContaining({ depth: expect.anything() }) }), { type: 'null' }] }; // prettier-ignore
    expect(at('properties', 'inputs', 'items', 'anyOf', 2, 'properties')).toMatchObject({ './queue.ts': options });
    expect(at('properties', 'notifiers', 'additionalProperties', 'anyOf', 0, 'enum')).toContain('chat');
  });

  test('U-029: check refuses an input without gather and run, and a notifier without notify', async () => {
    const path = configuredWithPlugins();
    expect((await runCli(['check', '--config', path])).code).toBe(0);
    writeFileSync(join(folder, 'queue.ts'), plugin('queue_depth', 'Input', 'collect'));
    writeFileSync(join(folder, 'chat.ts'), plugin('chat', 'Notifier', 'send'));
    const { code, stdout } = await runCli(['check', '--config', path]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ input queue_depth: .* has no function "gather or run"$/m);
    expect(stdout).toMatch(/^✗ notifier team: .* has no function "notify"$/m);
  });
});

describe('healthd check', () => {
  test('reports a valid configuration', async () => {
    const path = configured('inputs: [cpu, mem]\noutputs: [discard]\n');
    const { code, stdout } = await runCli(['check', '--config', path]);
    expect(code).toBe(0);
    expect(stdout).toContain('The configuration is valid');
  });

  test('warns of two notifiers that lead to the same place', async () => {
    const url = 'url: "https://hooks.slack.com/services/T0/B0/x"';
    const notifiers = `{ ops: { slack: { ${url} } }, dev: { slack: { ${url}, min_level: critical } } }`;
    const path = configured(`inputs: [cpu]\nnotifiers: ${notifiers}\n`);
    const { code, stdout } = await runCli(['check', '--config', path]);
    expect(code).toBe(0);
    expect(stdout).toContain('! notifiers ops, dev lead to the same place: ops sends each notification, once\n');
  });

  test('--connect tries each destination and gives advice', async () => {
    const sink = await startSink();
    await sink.close();
    const path = configured(`inputs: [cpu]\noutputs: [{ influxdb: { url: "${sink.url}", database: telegraf } }]\n`);
    expect((await runCli(['check', '--config', path])).code).toBe(0);
    const { code, stdout } = await runCli(['check', '--connect', '--config', path]);
    expect(code).toBe(1);
    expect(stdout).toContain('ECONNREFUSED');
    expect(stdout).toMatch(/^✗ output influxdb: /m);
    expect(stdout).toContain('The configuration is valid, but a destination does not take data\n');
  });
});

describe('healthd run', () => {
  const fast = (outputs: string, inputs = '[mem]') =>
    `agent: { interval: 1s, flush_interval: 1s, stop_timeout: 2s, state_dir: ${folder} }\ninputs: ${inputs}\noutputs: ${outputs}\n`;
  const influxdb = (sink: Sink) =>
    `[{ influxdb: { url: "${sink.url}", database: telegraf, skip_database_creation: true } }]`;

  test('without a configuration it prints the metrics of this host', async () => {
    const cli = start('run');
    await cli.until(/^mem,host=/m);
    const { code, stderr } = await cli.end('SIGTERM');
    expect(code).toBe(0);
    expect(stderr).toContain('No configuration found; running with the default');
    expect(stderr).toContain('Stopped');
  });

  test('an agent that is no hub says how it becomes one; one on a loopback address says who can join', async () => {
    const path = configured(fast('[discard, hub]'));
    const cli = start('run', '--config', path);
    await cli.until('Started');
    const hub = (...args: readonly string[]) => runCli(['hub', ...args, '--config', path], { cwd: folder });
    expect((await hub('hosts')).stderr).toContain('"hub: {}" in the configuration makes an agent one');
    expect((await runCli(['check', '--connect', '--config', path], { cwd: folder })).stdout).toContain(
      '✓ output hub: "healthd doctor" asks whether it answers',
    );
    const port = await freePort();
    configured(`${fast('[discard]')}hub: {}\nserver: { listen: "127.0.0.1:${port}" }\n`);
    expect((await runCli(['reload', '--config', path], { cwd: folder })).code).toBe(0);
    const created = await hub('token', 'create');
    expect(created.stdout).toMatch(new RegExp(`^healthd join http://127\\.0\\.0\\.1:${port}#hd_join_\\S+\\n$`));
    expect(created.stderr).toMatch(/^Only agents on this machine reach 127\.0\.0\.1: for others set server\.listen/);
  });

  test('commands say that a configuration cannot be read, which would name the state directory', async () => {
    const path = configured('agent: { state_dir: ./state }\ninputs: [\n');
    const env = { STATE_DIRECTORY: folder };
    for (const [command, code] of [
      ['status', 3],
      ['reload', 2],
      ['alerts', 2],
    ] as const) {
      const { stderr, ...said } = await runCli([command, '--config', path], { cwd: folder, env });
      expect(said).toEqual({ code, stdout: '' });
      expect(stderr).toContain(`No healthd is running on ${folder}, perhaps on another directory`);
      expect(stderr).toContain('healthd.yaml:3:1: ');
    }
  });

  test('a silence is made while the configuration is invalid; a label that is probably misspelt is named', async () => {
    const path = configured(fast('[discard]'));
    const cli = start('run', '--config', path);
    await cli.until('Started');
    configured(`${fast('[discard]')}nonsense: 1\n`);
    const silenced = await runCli(['silence', 'add', 'hsot=web1', '--for', '1h', '--config', path], { cwd: folder });
    expect(silenced).toMatchObject({ code: 0, stdout: expect.stringMatching(/ active +hsot=web1 /) });
    expect(silenced.stderr).toMatch(/matches no alert .*; no alert has the label "hsot" now; did you mean "host"\?/);
    const right = await runCli(['silence', 'add', 'host=web1', '--for', '1h', '--config', path], { cwd: folder });
    expect(right.stderr).not.toContain('did you mean');
  });

  test('SIGHUP with a valid configuration starts and stops only what changed', async () => {
    const path = configured(fast('[console]', '[mem, cpu]'));
    const cli = start('run', '--config', path);
    await cli.until(/^cpu,cpu=cpu-total.*usage_idle/m);
    writeFileSync(path, fast('[console]', '[cpu, swap]'));
    cli.child.kill('SIGHUP');
    await cli.until('Reloaded');
    await cli.until(/^swap,/m);
    expect(cli.stderr()).toMatch(/Reloaded .*started=swap/);
    expect((await cli.end()).code).toBe(0);
  });

  test('U-008: SIGHUP with an invalid configuration is reported and changes nothing', async () => {
    const path = configured(fast('[console]'));
    const cli = start('run', '--config', path);
    await cli.until(/^mem,/m);
    writeFileSync(path, fast('[console]', '[memm]'));
    cli.child.kill('SIGHUP');
    await cli.until('Reload failed, the current configuration stays in use');
    expect(cli.stderr()).toContain(`${path}:2:10`);
    const before = cli.stdout().split('\n').length;
    await new Promise((resolve) => setTimeout(resolve, 2200));
    expect(cli.stdout().split('\n').length).toBeGreaterThan(before);
    expect((await cli.end()).code).toBe(0);
  });

  test('U-036: the problems of a reload have lines and carets in the log, as at the start', async () => {
    const path = configured(fast('[console]'));
    const cli = start('run', '--config', path);
    await cli.until(/^mem,/m);
    const wrong = fast('[console]', '[mem, memm]');
    writeFileSync(path, wrong);
    cli.child.kill('SIGHUP');
    await cli.until('1 problem');
    const { stderr } = await runCli(['check', '--config', path]);
    expect(stderr).toMatch(/\n 2 \| inputs: \[mem, memm\]\n {3}\| {15}\^{4}\n/);
    // Indented, so that nobody takes the lines for entries of the log.
    expect(cli.stderr()).toContain(`stays in use:\n${stderr.replace(/^(?=.)/gm, '    ')}`);
    await cli.end();
  });

  test('C-035: a reload that changes only alerts logs what changed', async () => {
    const path = configured(fast('[console]'));
    const cli = start('run', '--config', path);
    await cli.until('Started');
    writeFileSync(path, `${fast('[console]')}\nalerts: { thresholds: { mem: 97% } }\n`);
    cli.child.kill('SIGHUP');
    await cli.until('Reloaded');
    expect(cli.stderr()).toMatch(/Reloaded changed=alerts$/m);
    cli.child.kill('SIGHUP');
    await cli.until('Reloaded; the configuration has not changed');
    writeFileSync(path, fast('[console]', '[cpu]'));
    cli.child.kill('SIGHUP');
    await cli.until('Reloaded changed=alerts,inputs started=cpu stopped=mem');
    await cli.end();
  });

  test('U-009: start and status say where the state is', async () => {
    const path = configured(fast('[console]'));
    const cli = start('run', '--config', path);
    await cli.until('Started');
    expect(cli.stderr()).toMatch(new RegExp(`Configuration read .*state=${folder}$`, 'm'));
    const { stdout } = await runCli(['journal', 'status', '--config', path], { env: { STATE_DIRECTORY: folder } });
    expect(stdout).toContain(folder);
    await cli.end();
  });

  test('SIGTERM flushes unsent lines', async () => {
    const sink = await startSink();
    const yaml = fast(influxdb(sink)).replace('flush_interval: 1s', 'flush_interval: 1h');
    const cli = start('run', '--config', configured(yaml));
    await cli.until('Started');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const sent = sink.lines.length;
    expect((await cli.end()).code).toBe(0);
    expect(sink.lines.length).toBeGreaterThan(sent);
    await sink.close();
  });

  test('SIGTERM with a hanging destination exits at the deadline and reports unsent lines', async () => {
    const sink = await startSink();
    sink.answer = () => undefined;
    const cli = start('run', '--config', configured(fast(influxdb(sink))));
    await cli.until('Started');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const started = Date.now();
    const { code, stderr } = await cli.end();
    expect(code).toBe(0);
    expect(Date.now() - started).toBeLessThan(6000);
    expect(stderr).toMatch(/Stopped with unsent lines.* lines=\d+/);
    await sink.close();
  });

  test('a destination that is down at the start is retried in the background, and nothing is lost', async () => {
    const sink = await startSink();
    await sink.close();
    const cli = start('run', '--config', configured(fast(influxdb(sink))));
    await cli.until('ECONNREFUSED');
    const again = await startSink(sink.port);
    await cli.until('Writing works again', 20_000);
    await cli.end();
    const times = again.lines.map((line) => Number(line.slice(line.lastIndexOf(' ') + 1, -9)));
    expect(times.length).toBeGreaterThanOrEqual(2);
    const first = times[0]!;
    // The first gather is immediate, the others are at each full second; none is missing.
    expect(times.every((time, index) => index === 0 || time - times[index - 1]! <= 1)).toBe(true);
    expect(first).toBeLessThanOrEqual(times.at(-1)!);
    await again.close();
  });

  test('a failing input affects no other', async () => {
    const inputs = '[mem, { exec: { commands: [[/does/not/exist]] } }]';
    const cli = start('run', '--config', configured(fast('[console]', inputs)));
    await cli.until(/^mem,/m);
    await cli.until('[inputs.exec]');
    await new Promise((resolve) => setTimeout(resolve, 2200));
    const { stderr } = await cli.end();
    expect(stderr.match(/\[inputs\.exec\]/g)).toHaveLength(1);
  });
});
