/** The package for Debian, with and without a running systemd. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { waitFor } from '../support/servers/real-server.ts';
import { configure, expectLiveIn, expectService, leaveUnsentLines, PROGRAM, UNSENT, whileRunning } from './linux-package.ts'; // prettier-ignore
import { boot, smallDisk, type Machine } from './machine.ts';
import { NEWER, packageTest, VERSION, type Workshop } from './workshop.ts';

const DONE = { status: 0 };

export function debTests(workshop: Workshop): void {
  const provide = ({ root }: Machine) => {
    copyFileSync(workshop.artefact('.deb'), join(root, 'srv/healthd.deb'));
  };
  const provideNewer = ({ root }: Machine) => {
    const file = join(root, 'srv/newer.deb');
    execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', workshop.newerFiles(), file]);
  };

  packageTest(
    'deb: it is installed, works, is upgraded while it runs and keeps what was changed; a purge says what was not sent',
    workshop.withMachine(async (machine) => {
      const at = (path: string) => join(machine.root, path);
      provide(machine);
      expect(machine.run('dpkg', '--install', '/srv/healthd.deb')).toMatchObject(DONE);
      expect(machine.run('healthd', 'version').stdout).toBe(`${VERSION}\n`);
      expect(machine.run('healthd', 'check')).toMatchObject(DONE);
      const config = statSync(at('etc/healthd/healthd.yaml'));
      expect(config.mode & 0o777).toBe(0o640);
      expect(config.gid).not.toBe(0);
      await expectLiveIn(machine);

      const state = readdirSync(at('var/lib/healthd'));
      configure(machine, 'inputs: [mem]\noutputs: [discard]\n');
      provideNewer(machine);
      await whileRunning(machine, () => {
        expect(machine.run('dpkg', '--force-confold', '--install', '/srv/newer.deb')).toMatchObject(DONE);
        expect(machine.run('healthd', 'version').stdout).toBe(`${NEWER}\n`);
        // Without systemd nobody restarts it. It stays the one that it was.
        const status = machine.run('healthd', 'status').stdout;
        expect(status).toContain(`healthd ${VERSION} runs`);
      });
      expect(readFileSync(at('etc/healthd/healthd.yaml'), 'utf8')).toContain('[mem]');
      expect(readFileSync(at('etc/healthd/healthd.yaml.dpkg-dist'), 'utf8')).toContain('# A newer default');
      expect(readdirSync(at('var/lib/healthd'))).toEqual(expect.arrayContaining(state));

      await leaveUnsentLines(machine);
      const removed = machine.run('dpkg', '--remove', 'healthd');
      expect(removed).toMatchObject({ ...DONE, stdout: expect.stringMatching(UNSENT) });
      expect(existsSync(at(PROGRAM))).toBe(false);
      expect(existsSync(at('var/lib/healthd/journal'))).toBe(true);
      const purged = machine.run('dpkg', '--purge', 'healthd');
      expect(purged).toMatchObject({ ...DONE, stdout: expect.stringMatching(UNSENT) });
      expect(existsSync(at('var/lib/healthd'))).toBe(false);
      expect(existsSync(at('etc/healthd'))).toBe(false);
    }),
  );

  packageTest(
    'deb: a full disk fails an installation, which can be repeated, and an upgrade, after which the old version works',
    workshop.withMachine((machine) => {
      provide(machine);
      const end = smallDisk(machine, PROGRAM, 40);
      const failed = machine.run('dpkg', '--install', '/srv/healthd.deb');
      end();
      expect(failed.status).not.toBe(0);
      expect(failed.stderr).toContain('No space left on device');

      // Has the old version, and no place for a second one.
      const endLarger = smallDisk(machine, PROGRAM, 210);
      try {
        expect(machine.run('dpkg', '--install', '/srv/healthd.deb')).toMatchObject(DONE);
        provideNewer(machine);
        const upgrade = machine.run('dpkg', '--install', '/srv/newer.deb');
        expect(upgrade.status).not.toBe(0);
        expect(upgrade.stderr).toContain('No space left on device');
        expect(machine.run('healthd', 'version').stdout).toBe(`${VERSION}\n`);
        expect(machine.run('healthd', 'check')).toMatchObject(DONE);
        expect(machine.run('dpkg', '--verify', 'healthd')).toMatchObject({ ...DONE, stdout: '' });
      } finally {
        endLarger();
      }
    }),
  );

  packageTest(
    'deb: systemd starts it at the installation, restarts it at an upgrade and a rollback, and stops it at the removal',
    workshop.withMachine(async (machine) => {
      provide(machine);
      provideNewer(machine);
      const booted = await boot(machine, workshop.memory);
      const { run } = booted;
      try {
        expect(run('dpkg', '--install', '/srv/healthd.deb')).toMatchObject(DONE);
        const first = await expectService(booted, VERSION);
        expect(run('systemctl', 'is-enabled', 'healthd').stdout).toBe('enabled\n');
        expect(run('systemctl', 'show', '--property=User', 'healthd').stdout).toBe('User=healthd\n');
        expect(run('systemctl', 'reload', 'healthd')).toMatchObject(DONE);

        expect(run('dpkg', '--install', '/srv/newer.deb')).toMatchObject(DONE);
        expect(await expectService(booted, NEWER)).not.toBe(first);
        expect(run('dpkg', '--install', '/srv/healthd.deb')).toMatchObject(DONE);
        await expectService(booted, VERSION);

        expect(run('systemctl', 'stop', 'healthd')).toMatchObject(DONE);
        expect(run('dpkg', '--install', '/srv/newer.deb')).toMatchObject(DONE);
        expect(run('systemctl', 'is-active', 'healthd').stdout).toBe('inactive\n');
        expect(run('systemctl', 'start', 'healthd')).toMatchObject(DONE);
        await expectService(booted, NEWER);

        expect(run('dpkg', '--purge', 'healthd')).toMatchObject(DONE);
        const isGone = () => run('systemctl', 'show', '--property=LoadState', 'healthd').stdout === 'LoadState=not-found\n'; // prettier-ignore
        await waitFor(isGone, { what: 'The end of the unit' });
        expect(run('sh', '-c', 'readlink /proc/[0-9]*/exe').stdout).not.toContain('healthd');
      } finally {
        await booted.halt();
      }
    }),
  );
}
