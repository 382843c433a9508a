/** The RPM, on a Debian with RPM in it, with and without a running systemd. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { configure, expectLiveIn, expectService, leaveUnsentLines, PROGRAM, UNSENT } from './linux-package.ts';
import { boot, smallDisk, type Ended, type Machine } from './machine.ts';
import { NEWER, packageTest, ROOT, VERSION, type Workshop } from './workshop.ts';

const DONE = { status: 0 };

/** Debian's files do not have what the package depends on in the database of RPM. */
const FORCED = '--nodeps';

export function rpmTests(workshop: Workshop): void {
  const provide = ({ root }: Machine) => {
    copyFileSync(workshop.artefact('.rpm'), join(root, 'srv/healthd.rpm'));
  };
  const provideNewer = ({ root }: Machine) => {
    copyFileSync(newerRpm(workshop), join(root, 'srv/newer.rpm'));
  };

  packageTest(
    'rpm: it is installed, works, is upgraded, keeps what was changed, and is erased without its data',
    workshop.withMachine(async (machine) => {
      const at = (path: string) => join(machine.root, path);
      const rpm = (...args: readonly string[]) => machine.run('rpm', ...args);
      provide(machine);
      expect(rpm('--install', FORCED, '/srv/healthd.rpm')).toMatchObject(DONE);
      expect(rpm('--query', 'healthd').stdout).toBe(`healthd-${VERSION}-1.x86_64\n`);
      expect(rpm('--verify', FORCED, 'healthd')).toMatchObject({ ...DONE, stdout: '' });
      const config = statSync(at('etc/healthd/healthd.yaml'));
      expect(config.mode & 0o777).toBe(0o640);
      expect(config.gid).not.toBe(0);
      await expectLiveIn(machine);

      configure(machine, 'inputs: [mem]\noutputs: [discard]\n');
      provideNewer(machine);
      expect(rpm('--upgrade', FORCED, '/srv/newer.rpm')).toMatchObject(DONE);
      expect(machine.run('healthd', 'version').stdout).toBe(`${NEWER}\n`);
      expect(readFileSync(at('etc/healthd/healthd.yaml'), 'utf8')).toContain('[mem]');
      expect(readFileSync(at('etc/healthd/healthd.yaml.rpmnew'), 'utf8')).toContain('# A newer default');
      expect(existsSync(at('var/lib/healthd/journal'))).toBe(true);

      await leaveUnsentLines(machine);
      const removed = rpm('--erase', FORCED, 'healthd');
      expect(removed.status).toBe(0);
      expect(removed.stdout + removed.stderr).toMatch(UNSENT);
      expect(existsSync(at(PROGRAM))).toBe(false);
      expect(existsSync(at('var/lib/healthd/journal'))).toBe(true);
      expect(readFileSync(at('etc/healthd/healthd.yaml.rpmsave'), 'utf8')).toContain('influxdb');
    }),
  );

  packageTest(
    'rpm: a full disk is refused before an installation and an upgrade, after which the old version works',
    workshop.withMachine((machine) => {
      const rpm = (...args: readonly string[]) => machine.run('rpm', ...args);
      provide(machine);
      const refused = ({ status, stderr }: Ended) => {
        expect(status).not.toBe(0);
        expect(stderr).toMatch(/needs \d+MB more space on the \/usr\/lib\/healthd filesystem/);
      };
      const end = smallDisk(machine, PROGRAM, 40);
      refused(rpm('--install', FORCED, '/srv/healthd.rpm'));
      end();

      const endLarger = smallDisk(machine, PROGRAM, 210);
      try {
        expect(rpm('--install', FORCED, '/srv/healthd.rpm')).toMatchObject(DONE);
        provideNewer(machine);
        refused(rpm('--upgrade', FORCED, '/srv/newer.rpm'));
        expect(machine.run('healthd', 'version').stdout).toBe(`${VERSION}\n`);
        expect(rpm('--verify', FORCED, 'healthd')).toMatchObject({ ...DONE, stdout: '' });
      } finally {
        endLarger();
      }
    }),
  );

  packageTest(
    'rpm: systemd restarts a running agent at an upgrade and a rollback, and stops it when the package is erased',
    workshop.withMachine(async (machine) => {
      provide(machine);
      provideNewer(machine);
      const booted = await boot(machine, workshop.memory);
      const { run } = booted;
      try {
        expect(run('rpm', '--install', FORCED, '/srv/healthd.rpm')).toMatchObject(DONE);
        expect(run('systemctl', 'enable', '--now', 'healthd')).toMatchObject(DONE);
        const first = await expectService(booted, VERSION);
        expect(run('rpm', '--upgrade', FORCED, '/srv/newer.rpm')).toMatchObject(DONE);
        expect(await expectService(booted, NEWER)).not.toBe(first);
        expect(run('rpm', '--upgrade', '--oldpackage', FORCED, '/srv/healthd.rpm')).toMatchObject(DONE);
        await expectService(booted, VERSION);
        expect(run('rpm', '--erase', FORCED, 'healthd')).toMatchObject(DONE);
        expect(run('systemctl', 'show', '--property=LoadState', 'healthd').stdout).toBe('LoadState=not-found\n');
        expect(run('sh', '-c', 'readlink /proc/[0-9]*/exe').stdout).not.toContain('healthd');
      } finally {
        await booted.halt();
      }
    }),
  );
}

/** Not compressed, which would take longer than everything else here. */
function newerRpm(workshop: Workshop): string {
  const out = join(workshop.memory, 'newer-rpm');
  const file = join(out, `healthd-${NEWER}-1.x86_64.rpm`);
  if (existsSync(file)) return file;
  const work = mkdtempSync(join(workshop.memory, 'rpmbuild-'));
  const files = join(work, 'files');
  execFileSync('cp', ['--archive', '--link', workshop.newerFiles(), files]);
  execFileSync('rm', ['--recursive', join(files, 'DEBIAN')]);
  mkdirSync(out, { recursive: true });
  const options = { files, version: NEWER, summary: 'A newer healthd', work, out, payload: 'w0.gzdio' };
  const module = JSON.stringify(join(ROOT, 'scripts/release/rpm.mjs'));
  const program = `import { rpm } from ${module}; rpm(${JSON.stringify(options)});`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'pipe' });
  return file;
}
