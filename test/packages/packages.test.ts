/** Everything that `npm run release` makes, installed and at work as an unprivileged user. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect } from '@jest/globals';

import { startDocker } from '../support/servers/docker.ts';
import { expectLive } from './live.ts';
import { debian, machineFrom, missing, packageTest, type Machine } from './machine.ts';

const root = join(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
const NOBODY = 65_534;
const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];

const folder = mkdtempSync(join(tmpdir(), 'healthd-packages-'));
const released = join(folder, 'release');
const artefact = (end: string) => join(released, readdirSync(released).find((name) => name.endsWith(end)) ?? end);
let base: string;

beforeAll(() => {
  if (missing().length > 0) return;
  chmodSync(folder, 0o755);
  // dist/ is built already.
  const environment = { ...process.env, RELEASE_DIR: released };
  execFileSync(process.execPath, [join(root, 'scripts/release/release.mjs')], { env: environment, stdio: 'pipe' });
  base = debian(folder);
}, 400_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A folder of the unprivileged user. */
function home(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  chownSync(path, NOBODY, NOBODY);
  return path;
}

function withMachine(body: (machine: Machine) => Promise<void> | void): () => Promise<void> {
  return async () => {
    const machine = machineFrom(base);
    try {
      await body(machine);
    } finally {
      machine.remove();
    }
  };
}

/** Lets the installed package work, with a plugin beside a configuration of its own. */
async function expectLiveIn(machine: Machine): Promise<void> {
  await expectLive({
    command: ['chroot', '--userspec=healthd:healthd', machine.root, '/usr/bin/healthd'],
    outside: join(machine.root, 'srv/live'),
    inside: '/srv/live',
    state: '/var/lib/healthd',
  });
}

/** Lines for an output that is not there stay in the journal. */
function leaveUnsentLines({ root: at, run }: Machine): void {
  writeFileSync(
    join(at, 'etc/healthd/healthd.yaml'),
    'agent: { interval: 1s }\ninputs: [cpu]\noutputs:\n  - influxdb: { url: "http://127.0.0.1:9", database: d }\n',
  );
  const script = 'runuser -u healthd -- env STATE_DIRECTORY=/var/lib/healthd timeout -s TERM 5 healthd run';
  run('sh', '-c', script);
}

const UNSENT = /healthd: \d+ lines were not sent to the output influxdb/;

packageTest('every file has its checksum, and the list of what is inside names libraries and Node', () => {
  const { status } = spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: released });
  expect(status).toBe(0);
  expect(readFileSync(join(released, 'SHA256SUMS'), 'utf8').trim().split('\n')).toHaveLength(5);
  const { components } = JSON.parse(readFileSync(artefact('.cdx.json'), 'utf8')) as {
    readonly components: readonly { readonly name: string; readonly version: string }[];
  };
  const names = components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['libsql', 'dockerode', 'yaml', 'zod', 'preact', 'node']));
  expect(names).not.toContain('jest');
});

packageTest('the npm tarball takes at most 40 MB, runs no scripts, and works', async () => {
  const prefix = join(folder, 'prefix');
  const args = [
    'install',
    '--global',
    '--prefix',
    prefix,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    artefact('.tgz'),
  ];
  execFileSync('npm', args, { stdio: 'pipe' });
  const kilobytes = Number(execFileSync('du', ['-sk', prefix], { encoding: 'utf8' }).split('\t')[0]);
  expect(kilobytes).toBeLessThanOrEqual(40_000);
  const installed = join(prefix, 'lib/node_modules/healthd/node_modules');
  const manifests = readdirSync(installed, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('package.json'))
    .map((path) => JSON.parse(readFileSync(join(installed, path), 'utf8')) as { readonly scripts?: object });
  expect(manifests.flatMap(({ scripts = {} }) => Object.keys(scripts)).filter((name) => /^(?:pre|post)?install$/.test(name))).toEqual([]); // prettier-ignore
  for (const name of [
    'mqtt',
    '@nats-io/jetstream',
    '@nats-io/transport-node',
    'ssh2-sftp-client',
    'dockerode',
    'jiti',
  ]) {
    const program = `await import(${JSON.stringify(name)})`;
    const cwd = join(installed, '..');
    const loaded = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { cwd, encoding: 'utf8' });
    expect([name, loaded.status, loaded.stderr]).toEqual([name, 0, '']);
  }
  const outside = join(folder, 'npm-live');
  const state = home('npm-state');
  await expectLive({ command: [...AS_NOBODY, join(prefix, 'bin/healthd')], outside, inside: outside, state });
});

packageTest(
  'the package for Debian is installed, works, is upgraded with its state, and purged',
  withMachine(async (machine) => {
    const deb = artefact('.deb');
    copyFileSync(deb, join(machine.root, 'tmp/healthd.deb'));
    expect(machine.run('dpkg', '--install', '/tmp/healthd.deb')).toMatchObject({ status: 0 });
    expect(machine.run('healthd', 'version').stdout).toBe(`${version}\n`);
    expect(machine.run('healthd', 'check')).toMatchObject({ status: 0 });
    const config = statSync(join(machine.root, 'etc/healthd/healthd.yaml'));
    expect(config.mode & 0o777).toBe(0o640);
    expect(config.gid).not.toBe(0);
    await expectLiveIn(machine);

    const history = readdirSync(join(machine.root, 'var/lib/healthd'));
    writeFileSync(join(machine.root, 'etc/healthd/healthd.yaml'), 'inputs: [mem]\noutputs: [discard]\n');
    newerVersion(machine, deb);
    expect(machine.run('dpkg', '--force-confold', '--install', '/tmp/newer.deb')).toMatchObject({ status: 0 });
    expect(machine.run('dpkg-query', '--show', '--showformat=${Version}', 'healthd').stdout).toBe('99.0.0');
    expect(readFileSync(join(machine.root, 'etc/healthd/healthd.yaml'), 'utf8')).toContain('[mem]');
    expect(readdirSync(join(machine.root, 'var/lib/healthd'))).toEqual(expect.arrayContaining(history));

    leaveUnsentLines(machine);
    const removed = machine.run('dpkg', '--remove', 'healthd');
    expect(removed).toMatchObject({ status: 0, stdout: expect.stringMatching(UNSENT) });
    expect(existsSync(join(machine.root, 'usr/lib/healthd'))).toBe(false);
    expect(existsSync(join(machine.root, 'var/lib/healthd/journal'))).toBe(true);
    const purged = machine.run('dpkg', '--purge', 'healthd');
    expect(purged).toMatchObject({ status: 0, stdout: expect.stringMatching(UNSENT) });
    expect(existsSync(join(machine.root, 'var/lib/healthd'))).toBe(false);
    expect(existsSync(join(machine.root, 'etc/healthd'))).toBe(false);
  }),
);

/** The same package with a higher version. */
function newerVersion(machine: Machine, deb: string): void {
  const tree = join(folder, 'newer');
  execFileSync('dpkg-deb', ['--raw-extract', deb, tree]);
  const control = join(tree, 'DEBIAN/control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, 'Version: 99.0.0'));
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, join(machine.root, 'tmp/newer.deb')]);
}

packageTest(
  'a full disk during the installation leaves a package that can be installed again',
  withMachine((machine) => {
    const small = join(machine.root, 'usr/lib/healthd');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', small]);
    copyFileSync(artefact('.deb'), join(machine.root, 'tmp/healthd.deb'));
    try {
      const failed = machine.run('dpkg', '--install', '/tmp/healthd.deb');
      expect(failed.status).not.toBe(0);
      expect(failed.stderr).toContain('No space left on device');
    } finally {
      execFileSync('umount', [small]);
    }
    expect(machine.run('dpkg', '--install', '/tmp/healthd.deb')).toMatchObject({ status: 0 });
    expect(machine.run('healthd', 'version').stdout).toBe(`${version}\n`);
  }),
);

packageTest(
  'the RPM is installed, works, and is removed without its data',
  withMachine(async (machine) => {
    // Debian's files do not have what the RPM depends on in the database of RPM.
    const rpm = (...args: readonly string[]) =>
      spawnSync('rpm', ['--root', machine.root, ...args], { encoding: 'utf8' });
    expect(rpm('--install', '--nodeps', artefact('.rpm'))).toMatchObject({ status: 0 });
    expect(rpm('--query', 'healthd').stdout).toBe(`healthd-${version}-1.x86_64\n`);
    expect(statSync(join(machine.root, 'etc/healthd/healthd.yaml')).mode & 0o777).toBe(0o640);
    await expectLiveIn(machine);
    leaveUnsentLines(machine);
    const removed = rpm('--erase', 'healthd');
    expect(removed.status).toBe(0);
    expect(removed.stdout + removed.stderr).toMatch(UNSENT);
    expect(existsSync(join(machine.root, 'usr/lib/healthd'))).toBe(false);
    expect(existsSync(join(machine.root, 'var/lib/healthd/journal'))).toBe(true);
  }),
);

packageTest('the single file works, unpacks once, repairs itself, and trusts no folder of others', async () => {
  const file = join(folder, 'healthd');
  copyFileSync(artefact('-linux-x64'), file);
  chmodSync(file, 0o755);
  const outside = join(folder, 'single-live');
  const user = home('single-home');
  const state = join(user, 'state');
  const env = { HOME: user };
  await expectLive({ command: [...AS_NOBODY, file], env, outside, inside: outside, state });

  const unpacked = join(user, '.cache/healthd');
  const [key = ''] = readdirSync(unpacked);
  expect(readdirSync(unpacked)).toEqual([key]);
  const cli = join(unpacked, key, 'dist/cli.js');
  const before = statSync(cli).mtimeMs;
  const healthd = (more: Readonly<Record<string, string>> = {}) =>
    spawnSync(AS_NOBODY[0] ?? '', [...AS_NOBODY.slice(1), file, 'version'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: user, ...more },
    });
  expect(healthd().stdout).toBe(`${version}\n`);
  expect(statSync(cli).mtimeMs).toBe(before);
  // As after a crash of the machine.
  writeFileSync(cli, '');
  expect(healthd().stdout).toBe(`${version}\n`);
  expect(readdirSync(unpacked)).toEqual([key]);

  const shared = home('shared');
  chmodSync(shared, 0o777);
  expect(healthd({ HEALTHD_UNPACK_DIR: shared })).toMatchObject({
    status: 2,
    stderr: `healthd: ${shared} is not used, because another user owns it or can write to it; remove it or set HEALTHD_UNPACK_DIR\n`,
  });
  expect(healthd({ HEALTHD_UNPACK_DIR: '/dev/null/healthd' }).stderr).toContain(
    'cannot put the program into /dev/null/healthd',
  );
});

packageTest('the image works with a read-only root, as an unprivileged user, and knows its health', async () => {
  const server = await startDocker();
  try {
    const context = join(folder, 'image');
    mkdirSync(context);
    copyFileSync(artefact('.deb'), join(context, 'healthd.deb'));
    execFileSync('sh', ['-c', `tar -C ${base} -c . >${folder}/debian.tar`]);
    await server.docker('import', `${folder}/debian.tar`, 'debian:bookworm-slim');
    process.env['DOCKER_BUILDKIT'] = '0';
    const recipe = join(root, 'packaging/image/Dockerfile');
    await server.docker('build', '--network', 'none', '--file', recipe, '--tag', 'healthd', context);
    const user = await server.docker('image', 'inspect', '--format', '{{.Config.User}}', 'healthd');
    expect(user).toBe('healthd');
    const outside = join(folder, 'image-live');
    mkdirSync(outside);
    const options = ['--read-only', '--network', 'host', '--volume', `${outside}:/srv:ro`];
    await server.docker(
      'run',
      '--detach',
      '--name',
      'agent',
      ...options,
      '--entrypoint',
      'sleep',
      'healthd',
      'infinity',
    );
    await expectLive({
      command: ['docker', '--host', server.endpoint, 'exec', 'agent', 'healthd'],
      outside,
      inside: '/srv',
      state: '/var/lib/healthd',
    });
    await server.docker('rm', '--force', 'agent');
    await server.docker('run', '--detach', '--name', 'default', ...options, '--health-interval', '1s', 'healthd');
    const health = () => server.docker('inspect', '--format', '{{.State.Health.Status}}', 'default');
    const until = performance.now() + 60_000;
    while ((await health()) !== 'healthy' && performance.now() < until) await new Promise((go) => setTimeout(go, 200));
    expect(await health()).toBe('healthy');
  } finally {
    await server.stop();
  }
});
