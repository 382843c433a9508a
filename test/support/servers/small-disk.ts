/**
 * A real file system of a few megabytes, in memory, that a test can fill and make read-only. Mounting needs root and is not allowed
 * in every container; there the tests are skipped by name, in continuous integration too.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';

import { test } from '@jest/globals';

import { findBinary, serverFolder } from './real-server.ts';

export interface SmallDisk {
  readonly path: string;
  /** Uses up all space. */
  fill(): void;
  /** Frees it. */
  empty(): void;
  /** @throws if the system refuses, as it does while a file is open for writing */
  remount(mode: 'ro' | 'rw'): void;
  remove(): void;
}

export function smallDisk(size = '4m'): SmallDisk {
  const folder = serverFolder('small-disk');
  const filler = join(folder.path, 'filler');
  try {
    mount('-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', folder.path);
  } catch (error) {
    folder.remove();
    throw error;
  }
  return {
    path: folder.path,
    fill: () => {
      fill(filler);
    },
    empty: () => {
      rmSync(filler);
    },
    remount: (mode) => {
      mount('-o', `remount,${mode}`, folder.path);
    },
    remove: () => {
      run('umount', folder.path);
      folder.remove();
    },
  };
}

export interface BreakableDisk {
  readonly path: string;
  /** Makes the kernel find an error and remount it read-only, for open files too. */
  fail(): void;
  /** Unmounts it, which needs all files closed, and mounts it again. */
  repair(): void;
  remove(): void;
}

export function breakableDisk(megabytes = 8): BreakableDisk {
  const folder = serverFolder('breakable-disk');
  const [image, path] = [join(folder.path, 'image'), join(folder.path, 'mounted')];
  const attach = () => {
    mount('-o', 'loop,errors=remount-ro', image, path);
  };
  try {
    mkdirSync(path);
    writeFileSync(image, '');
    truncateSync(image, megabytes * 1024 * 1024);
    run('mkfs.ext4', '-q', image);
    attach();
  } catch (error) {
    folder.remove();
    throw error;
  }
  return {
    path,
    fail: () => {
      const device = basename(run('findmnt', '-n', '-o', 'SOURCE', path).trim());
      writeFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, '1');
    },
    repair: () => {
      run('umount', path);
      attach();
    },
    remove: () => {
      run('umount', path);
      folder.remove();
    },
  };
}

/** For tests that use a `smallDisk`. */
export const diskTest = testThatCan(() => {
  smallDisk().remove();
});

/** For tests that use a `breakableDisk`. */
export const breakableDiskTest = testThatCan(() => {
  const disk = breakableDisk();
  try {
    disk.fail();
  } finally {
    disk.remove();
  }
});

/** Tries once whether mounting is allowed. */
function testThatCan(work: () => void) {
  const isPossible = canDo(work);
  return (title: string, body: () => Promise<void>, timeout = 90_000): void => {
    if (isPossible) test(title, body, timeout);
    else test.skip(`${title} (needs the right to mount a file system)`, body);
  };
}

function canDo(work: () => void): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** @throws if the system refuses */
function mount(...args: readonly string[]): void {
  run('mount', ...args);
}

function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(findBinary(command) ?? command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`, { cause: error });
  return stdout;
}

/** Writes ever smaller pieces until not a byte is left. */
function fill(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 2)) writeWhilePossible(file, Buffer.alloc(size));
  } finally {
    closeSync(file);
  }
}

function writeWhilePossible(file: number, piece: Buffer): void {
  try {
    while (writeSync(file, piece) > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
