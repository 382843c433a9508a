/** The executable for machines without Node. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { expect } from '@jest/globals';

import { waitFor } from '../support/servers/real-server.ts';
import { expectService } from './linux-package.ts';
import { expectLive } from './live.ts';
import { boot, type Ended } from './machine.ts';
import { AS_NOBODY, NEWER, NOBODY, packageTest, ROOT, VERSION, type Workshop } from './workshop.ts';

const DONE = { status: 0 };
const [SETPRIV = '', ...USER] = AS_NOBODY;

/** A user of the single file. */
interface User {
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the file puts its content. */
  readonly base: string;
  run(...args: readonly string[]): Ended;
}

export function singleFileTests(workshop: Workshop): void {
  const user = (more: Readonly<Record<string, string>> = {}): User => {
    const file = join(workshop.readable('single'), 'healthd');
    copyFileSync(workshop.artefact('-linux-x64'), file);
    chmodSync(file, 0o755);
    const home = workshop.home('single-home');
    const env = { PATH: process.env['PATH'], HOME: home, ...more };
    return {
      file,
      env,
      base: more['HEALTHD_UNPACK_DIR'] ?? join(home, '.cache/healthd'),
      run: (...args) => spawnSync(SETPRIV, [...USER, file, ...args], { encoding: 'utf8', env }),
    };
  };

  packageTest('single file: it works, unpacks once, and repairs itself', async () => {
    const { file, env, base, run } = user();
    const outside = workshop.readable('single-live');
    const state = workshop.home('single-state');
    await expectLive({ command: [...AS_NOBODY, file], env: { HOME: env['HOME'] ?? '' }, outside, inside: outside, state }); // prettier-ignore

    const [key = ''] = readdirSync(base);
    expect(readdirSync(base)).toEqual([key]);
    const cli = join(base, key, 'dist/cli.js');
    const before = statSync(cli).mtimeMs;
    expect(run('version').stdout).toBe(`${VERSION}\n`);
    expect(statSync(cli).mtimeMs).toBe(before);
    // As after a crash of the machine.
    writeFileSync(cli, '');
    expect(run('version').stdout).toBe(`${VERSION}\n`);
    expect(readdirSync(base)).toEqual([key]);
  });

  packageTest('single file: it trusts no folder of others, and says what to do where it cannot be unpacked', () => {
    const shared = workshop.home('shared');
    chmodSync(shared, 0o777);
    expect(user({ HEALTHD_UNPACK_DIR: shared }).run('version')).toMatchObject({
      status: 2,
      stderr: `healthd: ${shared} is not used, because another user owns it or can write to it; remove it or set HEALTHD_UNPACK_DIR\n`,
    });
    const nowhere = user({ HEALTHD_UNPACK_DIR: '/dev/null/healthd' }).run('version');
    expect(nowhere.stderr).toContain('cannot put the program into /dev/null/healthd');

    const full = workshop.home('full');
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=60m,uid=${NOBODY},mode=755`, 'tmpfs', full]);
    try {
      const refused = user({ HEALTHD_UNPACK_DIR: full }).run('version');
      expect(refused).toMatchObject({ status: 2, stdout: '' });
      expect(refused.stderr).toMatch(
        /cannot put the program into \S+: ENOSPC.*set HEALTHD_UNPACK_DIR to a folder with/,
      );
      expect(readdirSync(full)).toEqual([]);
    } finally {
      execFileSync('umount', [full]);
    }
  });

  packageTest('single file: it removes earlier versions that nothing runs from, and no others', async () => {
    const { base, run } = user();
    expect(run('version').stdout).toBe(`${VERSION}\n`);
    const [own = ''] = readdirSync(base);
    const [idle, running, opened, same, newer, foreign] = ['0.0.1-0123456789abcdef', '0.0.2-0123456789abcdef', '0.0.3-rc.1-0123456789abcdef', `${VERSION}-0123456789abcdef`, '99.1.0-0123456789abcdef', '0.0.4'] as const; // prettier-ignore
    for (const name of [idle, running, opened, same, newer, foreign]) fakeVersion(join(base, name));
    const processes = [
      asUser([join(base, running, 'bin/node'), '600']),
      asUser(['sh', '-c', 'exec 3<"$0"; exec sleep 600', join(base, opened)]),
    ];
    try {
      await waitFor(() => isIn(processes[0], 'exe', running) && isIn(processes[1], 'fd/3', opened), {
        what: 'The use',
      });
      expect(run('version')).toMatchObject({ ...DONE, stdout: `${VERSION}\n`, stderr: '' });
      expect(readdirSync(base).sort()).toEqual([foreign, running, opened, own, newer].sort());
    } finally {
      for (const child of processes) await ended(child);
    }
    expect(run('version')).toMatchObject({ ...DONE, stderr: '' });
    expect(readdirSync(base).sort()).toEqual([foreign, own, newer].sort());
  });

  packageTest('single file: a start waits for the removal of its folder, and unpacks again', async () => {
    const { file, env, base, run } = user();
    expect(run('version').stdout).toBe(`${VERSION}\n`);
    const [own = ''] = readdirSync(base);
    // The mark of a process that looks whether the folder is used, and finds nobody.
    const remover = asUser(['sleep', '600']);
    const mark = join(base, `.removing-${remover.pid}-${own}`);
    writeFileSync(mark, '');
    const child = spawn(SETPRIV, [...USER, file, 'version'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    const closed = new Promise((resolve) => child.on('close', resolve));
    try {
      const holds = () => readdirSync(`/proc/${child.pid}/fd`).some((name) => isIn(child, `fd/${name}`, own));
      await waitFor(holds, { what: 'The wait' });
      rmSync(join(base, own), { recursive: true });
      expect(said).toBe('');
      rmSync(mark);
      expect(await closed).toBe(0);
      expect(said).toBe(`${VERSION}\n`);
      expect(readdirSync(base)).toEqual([own]);
    } finally {
      await ended(remover);
    }
  });

  packageTest('single file: versions that start at the same moment do not disturb each other', async () => {
    const { file, env, base, run } = user();
    const newer = newerFile(workshop);
    expect(run('version').stdout).toBe(`${VERSION}\n`);
    const [own = ''] = readdirSync(base);
    for (let round = 0; round < 3; round++) {
      const all = [file, newer, file, newer, file].map((program) => output([SETPRIV, ...USER, program, 'version'], env));
      expect(await Promise.all(all)).toEqual([VERSION, NEWER, VERSION, NEWER, VERSION].map((text) => `${text}\n`));
    }
    expect(await output([SETPRIV, ...USER, newer, 'version'], env)).toBe(`${NEWER}\n`);
    expect(readdirSync(base)).not.toContain(own);
    expect(readdirSync(base)).toHaveLength(1);
  }, 240_000); // prettier-ignore

  packageTest(
    'single file: as a service of systemd it is upgraded and rolled back, and its version is removed when it is not used',
    workshop.withMachine(async (machine) => {
      const at = (path: string) => join(machine.root, path);
      copyFileSync(workshop.artefact('-linux-x64'), at('srv/healthd'));
      copyFileSync(newerFile(workshop), at('srv/newer'));
      for (const name of ['srv/healthd', 'srv/newer']) chmodSync(at(name), 0o755);
      const booted = await boot(machine, workshop.memory);
      const { run } = booted;
      // Where the service is, no healthd is in the PATH.
      execFileSync('ln', ['-s', '/srv/healthd', at('usr/bin/healthd')]);
      const versions = () => readdirSync(at('usr/local/lib/healthd')).map((name) => name.split('-')[0]).sort(); // prettier-ignore
      try {
        expect(run('/srv/healthd', 'service', 'install')).toMatchObject(DONE);
        await expectService(booted, VERSION);
        // Installed and stopped: its next start needs the folder.
        expect(run('systemctl', 'stop', 'healthd')).toMatchObject(DONE);
        expect(run('/srv/newer', 'version').stdout).toBe(`${NEWER}\n`);
        expect(versions()).toEqual([VERSION, NEWER]);
        expect(run('systemctl', 'start', 'healthd')).toMatchObject(DONE);
        await expectService(booted, VERSION);

        expect(run('/srv/newer', 'service', 'install')).toMatchObject(DONE);
        await expectService(booted, NEWER);
        expect(run('/srv/newer', 'version').stdout).toBe(`${NEWER}\n`);
        expect(versions()).toEqual([NEWER]);
        expect(run('/srv/healthd', 'service', 'install')).toMatchObject(DONE);
        await expectService(booted, VERSION);
        expect(run('/srv/healthd', 'service', 'uninstall')).toMatchObject(DONE);
        expect(existsSync(at('etc/systemd/system/healthd.service'))).toBe(false);
      } finally {
        await booted.halt();
      }
    }),
  );
}

/** A folder as of another version; its Node sleeps. */
function fakeVersion(folder: string): void {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  copyFileSync('/bin/sleep', join(folder, 'bin/node'));
  chmodSync(join(folder, 'bin/node'), 0o755);
  for (const path of [folder, join(folder, 'bin'), join(folder, 'bin/node')]) chownSync(path, NOBODY, NOBODY);
}

function asUser(command: readonly string[]): ChildProcess {
  return spawn(SETPRIV, [...USER, ...command], { stdio: 'ignore' });
}

function isIn(child: ChildProcess | undefined, link: string, name: string): boolean {
  const pid = child?.pid ?? 'none';
  return readlinkSync(`/proc/${pid}/${link}`).split('/').includes(name);
}

async function ended(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.on('close', resolve));
  child.kill('SIGKILL');
  await closed;
}

function output([program = '', ...args]: readonly string[], env: User['env']): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('close', () => {
      resolve(said);
    });
  });
}

/** The single file of a newer version; made once. */
function newerFile(workshop: Workshop): string {
  const out = join(workshop.folder, 'newer-single');
  const file = join(out, `healthd-${NEWER}-linux-x64`);
  if (existsSync(file)) return file;
  const work = mkdtempSync(join(workshop.memory, 'single-'));
  const tree = join(work, 'tree');
  execFileSync('cp', ['--archive', join(workshop.newerFiles(), 'usr/lib/healthd'), tree]);
  for (const name of ['bin', 'unsent']) rmSync(join(tree, name), { recursive: true });
  mkdirSync(out);
  chmodSync(out, 0o755);
  const module = JSON.stringify(join(ROOT, 'scripts/release/single-file.mjs'));
  const options = JSON.stringify({ tree, version: NEWER, work, out });
  const program = `import { singleFile } from ${module}; await singleFile(${options});`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'pipe', cwd: dirname(out) });
  return file;
}
