/** A small Debian for packages to be installed in: files of its own, made by debootstrap; processes and network are the host's. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { test } from '@jest/globals';

import { findBinary } from '../support/servers/real-server.ts';

const NEEDED = ['debootstrap', 'dpkg-deb', 'rpmbuild', 'rpm', 'chroot', 'setpriv', 'dockerd'];

/** The lines of a table of the tests' needs that is missing; empty: they run. */
export function missing(): readonly string[] {
  return [
    ...(process.env['PACKAGES'] === '1' ? [] : ['PACKAGES=1 and a network']),
    ...(process.getuid?.() === 0 ? [] : ['root']),
    ...NEEDED.filter((name) => findBinary(name) === undefined),
  ];
}

/** With PACKAGES=1 they must not be skipped. */
export function packageTest(title: string, body: () => Promise<void> | void, timeout = 180_000): void {
  if (process.env['PACKAGES'] === '1') test(title, () => body(), timeout);
  else test.skip(`${title} (needs ${missing().join(', ')})`, () => body());
}

export interface Machine {
  readonly root: string;
  /** Runs a command as root in it. */
  run(...command: readonly string[]): {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
  };
  remove(): void;
}

/** @returns the folder of a Debian that `machineFrom` copies */
export function debian(folder: string): string {
  const base = join(folder, 'debian');
  execFileSync('debootstrap', ['--variant=minbase', 'bookworm', base], { stdio: ['ignore', 'pipe', 'pipe'] });
  rmSync(join(base, 'var/cache/apt/archives'), { recursive: true });
  return base;
}

export function machineFrom(base: string): Machine {
  const root = mkdtempSync(join(tmpdir(), 'healthd-machine-'));
  execFileSync('cp', ['-a', `${base}/.`, root]);
  mkdirSync(join(root, 'proc'), { recursive: true });
  execFileSync('mount', ['-t', 'proc', 'proc', join(root, 'proc')]);
  return {
    root,
    run: (...command) =>
      spawnSync('chroot', [root, ...command], {
        encoding: 'utf8',
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' },
      }),
    remove() {
      execFileSync('umount', [join(root, 'proc')]);
      rmSync(root, { recursive: true });
    },
  };
}
