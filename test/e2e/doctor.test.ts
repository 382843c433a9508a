/** Planted faults: `healthd doctor` finds each and names what fixes it. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { lockDirectory } from '../../src/journal/lock.ts';
import { startMailServer } from '../support/fakes/smtp.ts';
import { startSink } from '../support/fakes/sink.ts';
import { runCli, startCli, type Finished } from '../support/kit/cli.ts';
import { freePort } from '../support/servers/real-server.ts';
import { diskTest, smallDisk } from '../support/servers/small-disk.ts';

let folder: string;
const cleanUp: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-doctor-'));
});

afterEach(async () => {
  for (const step of cleanUp.splice(0)) await step();
  rmSync(folder, { recursive: true, force: true });
});

const state = () => join(folder, 'state');
const file = () => join(folder, 'healthd.yaml');

interface Section {
  readonly inputs?: string;
  readonly outputs?: string;
  readonly notifiers?: string;
}

/** @param mode of the file of the configuration */
function doctor({ inputs = '[mem]', outputs = '[discard]', notifiers }: Section, ...more: readonly string[]) {
  const last = notifiers === undefined ? '' : `notifiers: ${notifiers}\n`;
  writeFileSync(file(), `inputs: ${inputs}\noutputs: ${outputs}\n${last}`, { mode: 0o600 });
  return run(...more);
}

const run = (...more: readonly string[]): Promise<Finished> =>
  runCli(['doctor', '--config', file(), ...more], {
    cwd: folder,
    // No engine, whatever this machine has.
    env: { STATE_DIRECTORY: state(), DOCKER_HOST: `unix://${folder}/none.sock` },
  });

function expectProblem({ code, stdout }: Finished, text: string | RegExp, remedy: string): void {
  const lines = stdout.split('\n');
  const index = lines.findIndex((line) => line.startsWith('✗') && (typeof text === 'string' ? line.includes(text) : text.test(line))); // prettier-ignore
  if (index === -1) throw new Error(`No ✗ with ${String(text)} in:\n${stdout}`);
  expect(lines.slice(index + 1).find((line) => line.startsWith('  → '))).toContain(remedy);
  expect(code).toBe(1);
}

test('without a fault all is well', async () => {
  const { code, stdout } = await doctor({});
  expect(stdout).not.toMatch(/^[✗!]/m);
  expect([code, stdout.trim().split('\n').at(-1)]).toEqual([0, 'Nothing is wrong']);
}, 60_000);

describe('a planted fault is found, and what fixes it is named:', () => {
  test('an invalid configuration', async () => {
    const finished = await doctor({ inputs: '[memm]' });
    expectProblem(finished, 'Configuration: it cannot be used', 'doctor.js check'.replace('doctor.js', 'cli.js'));
    expect(finished.stdout).toContain('did you mean "mem"?');
  }, 60_000);

  test('secrets that everybody may read', async () => {
    const secret =
      '{ team: { email: { smtp: "smtp://127.0.0.1:9", password: s3cret-word, from: a@b.c, to: [a@b.c] } } }';
    await doctor({ notifiers: secret });
    chmodSync(file(), 0o644);
    expectProblem(await run(), `may read the secrets in ${file()}`, `chmod o-rwx ${file()}`);
  }, 60_000);

  test('a file from the future, after the clock was set back', async () => {
    mkdirSync(state());
    writeFileSync(join(state(), 'alerts.log'), '');
    const later = Date.now() / 1000 + 86_400;
    utimesSync(join(state(), 'alerts.log'), later, later);
    expectProblem(await doctor({}), /^✗ Clock: .*alerts\.log is from /, 'timedatectl set-ntp true');
  }, 60_000);

  test('a damaged cursor', async () => {
    mkdirSync(join(state(), 'journal/cursors'), { recursive: true });
    writeFileSync(join(state(), 'journal/cursors/discard.cursor'), 'not a cursor');
    expectProblem(await doctor({}), 'the cursor of discard is damaged', 'journal forget discard');
  }, 60_000);

  test('an agent that holds the state directory and does not answer', async () => {
    mkdirSync(join(state(), 'journal'), { recursive: true });
    const lock = await lockDirectory(join(state(), 'journal'));
    cleanUp.push(() => lock.release());
    expectProblem(await doctor({}), `process ${process.pid} holds the state directory`, `kill ${process.pid}`);
  }, 60_000);

  test('a socket of Docker that is not there', async () => {
    const inputs = `[docker: { endpoint: "unix://${folder}/docker.sock" }]`;
    expectProblem(await doctor({ inputs }), `there is no ${folder}/docker.sock`, 'start Docker');
    writeFileSync(join(folder, 'docker.sock'), '');
    expectProblem(await doctor({ inputs }), `nothing answers at ${folder}/docker.sock`, 'systemctl start docker');
  }, 60_000);

  test('a name that cannot be resolved', async () => {
    const outputs = '[influxdb: { url: "http://db.invalid:8086", database: d }]';
    expectProblem(await doctor({ outputs }), 'Name db.invalid, of output influxdb', 'getent hosts db.invalid');
  }, 60_000);

  test('a destination that is down, and one that refuses the line', async () => {
    const sink = await startSink();
    cleanUp.push(() => sink.close());
    sink.answer = (response) => response.writeHead(401).end('{"error":"authorization failed"}');
    const outputs = `[influxdb: { url: "http://127.0.0.1:${await freePort()}", database: d }, influxdb: { alias: other, url: "${sink.url}", database: d, skip_database_creation: true }]`;
    const finished = await doctor({ outputs });
    expectProblem(finished, /^✗ Output influxdb: .*ECONNREFUSED/, 'check --connect');
    expectProblem(finished, /^✗ Output other: .*(?:401|authorization)/, 'check --connect');
  }, 60_000);

  test('a login that the mail server refuses', async () => {
    const server = await startMailServer();
    cleanUp.push(() => server.close());
    const notifiers = `{ team: { email: { smtp: "smtp://localhost:${server.port}", tls: { insecure: true }, user: healthd, password: wrong-word, from: a@b.c, to: [a@b.c] } } }`;
    const finished = await doctor({ notifiers });
    expectProblem(finished, /^✗ Notifier team: .*(?:login|user name|password)/i, 'notify test team');
    expect(finished.stdout).not.toContain('wrong-word');
    expect([server.logins, server.mails]).toEqual([['healthd'], []]);
  }, 60_000);

  test('a port that another program has', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const outputs = `[prometheus: { listen: "127.0.0.1:${port}" }]`;
    expectProblem(await doctor({ outputs }), `Port ${port}, of output prometheus: in use`, `sport = :${port}`);
  }, 60_000);

  test('a port of the page that a running agent cannot have', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const text = `inputs: [mem]\noutputs: [discard]\nserver: { listen: "127.0.0.1:${port}" }\n`;
    writeFileSync(file(), text, { mode: 0o600 });
    const agent = startCli(['run', '--config', file()], { cwd: folder, env: { STATE_DIRECTORY: state() } });
    cleanUp.push(() => agent.end('SIGKILL'));
    await agent.until('Started', 30_000);
    const trouble = `Cannot listen on 127.0.0.1:${port}: it is in use`;
    expectProblem(await run(), `are not served: ${trouble}`, 'server.listen');
    const status = await runCli(['status', '--config', file()], { cwd: folder, env: { STATE_DIRECTORY: state() } });
    expect(status.code).toBe(1);
    expect(status.stdout).toContain(trouble);
  }, 60_000);

  test('a state directory that is a file', async () => {
    writeFileSync(state(), '');
    expectProblem(await doctor({}), `State directory: ${state()} is no folder`, 'choose another agent.state_dir');
    const status = await runCli(['status'], { cwd: folder, env: { STATE_DIRECTORY: state() } });
    expect(status).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('No healthd is running') as unknown as string,
    });
  }, 60_000);

  const asRoot = process.getuid?.() === 0 ? test : test.skip;
  asRoot(
    'a state directory that another user cannot make; nobody is told to take folders of the system (needs root, to become one)',
    async () => {
      const through = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
      const asked = (directory: string) =>
        runCli(['doctor'], {
          cwd: '/',
          env: { STATE_DIRECTORY: directory, DOCKER_HOST: 'unix:///none.sock' },
          through,
        });
      expectProblem(
        await asked('/srv/none/healthd'),
        'nobody may not write /srv',
        'install -d -m 0750 -o nobody /srv/none/healthd',
      );
      const ofSystem = await asked('/usr');
      expectProblem(ofSystem, 'nobody may not write /usr', 'choose another agent.state_dir');
      expect(ofSystem.stdout).not.toContain('chown');
      mkdirSync(state(), { mode: 0o755 });
      chownSync(state(), 1, 1);
      chmodSync(folder, 0o755);
      expectProblem(await asked(state()), `nobody may not write ${state()}`, "sudo -u '#1'");
    },
    60_000,
  );
  asRoot(
    'state of another user, as after a run with sudo (needs root, to make such files)',
    async () => {
      mkdirSync(state());
      writeFileSync(join(state(), 'alerts.db'), '');
      chownSync(join(state(), 'alerts.db'), 65_534, 65_534);
      expectProblem(await doctor({}), 'do not belong to the owner', `chown -R --reference=${state()} ${state()}`);
    },
    60_000,
  );

  diskTest('a disk without room', async () => {
    const disk = smallDisk();
    cleanUp.push(() => {
      disk.remove();
    });
    disk.fill();
    writeFileSync(file(), `agent: { state_dir: ${disk.path} }\ninputs: [mem]\noutputs: [discard]\n`, { mode: 0o600 });
    expectProblem(await run(), 'only 0 B free', `du -xh ${disk.path}`);
  });
});

test('a clock that differs from that of a web server is a warning', async () => {
  const sink = await startSink();
  cleanUp.push(() => sink.close());
  sink.answer = (response) => response.writeHead(204, { date: new Date(Date.now() + 90_000).toUTCString() }).end();
  const outputs = `[influxdb: { url: "${sink.url}", database: d, skip_database_creation: true }]`;
  const { code, stdout } = await doctor({ outputs });
  expect(stdout).toMatch(/^! Clock: (?:89|90|91) s behind that of http/m);
  // The line of the test has arrived.
  expect(sink.lines.join('\n')).toMatch(/^healthd_doctor,host=.* ok=true \d+$/m);
  expect(code).toBe(0);
}, 60_000);

test('the report holds the facts and no secret', async () => {
  const planted = ['pl4nted-password', 'pl4nted-token', 'pl4nted-url-secret', 'http://127.0.0.1:9/pl4nted-from-env'];
  const [password, token, url, env] = planted;
  writeFileSync(
    file(),
    `log: { file: { path: ${folder}/healthd.log } }
inputs: [mem]
outputs:
  - influxdb: { url: "http://u:${url}@127.0.0.1:9", org: o, bucket: b, token: ${token} }
notifiers:
  team: { email: { smtp: "smtp://127.0.0.1:9", user: u, password: ${password}, from: a@b.c, to: [a@b.c] } }
  hook: { webhook: { url: "\${env:HOOK}" } }
`,
    { mode: 0o600 },
  );
  writeFileSync(join(folder, 'healthd.log'), `2026-01-01 error it said ${planted.join(' ')}\n`);
  const report = join(folder, 'report.md');
  const settings = { cwd: folder, env: { STATE_DIRECTORY: state(), HOOK: env ?? '' } };
  const { stdout, stderr } = await runCli(['doctor', '--config', file(), '--report', report], settings);
  expect(stderr).toContain(`Wrote ${report}`);
  const text = readFileSync(report, 'utf8');
  expect(text).toMatch(
    /## Versions\n[^]*## Findings\n[^]*## Agent\n[^]*not running[^]*## Configuration\n[^]*team:\n[^]*## Log\n[^]*it said/,
  );
  for (const secret of planted) expect(text + stdout).not.toContain(secret);
  expect((await runCli(['doctor', '--config', file(), '--report', report], settings)).stderr).toContain('it exists');
}, 60_000);
