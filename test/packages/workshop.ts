/** What the tests of packages share: everything that `npm run release` makes, a small Debian, and what each part took. */
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, test } from '@jest/globals';

import { canStartDocker } from '../support/servers/docker.ts';
import { findBinary, type Requirement } from '../support/servers/real-server.ts';
import { debian, machineFrom, type Machine } from './machine.ts';

const run = promisify(execFile);

const REQUIREMENTS: readonly Requirement[] = [
  { binary: 'mmdebstrap', package: 'mmdebstrap' },
  { binary: 'dpkg-deb', package: 'dpkg' },
  { binary: 'rpmbuild', package: 'rpm' },
  { binary: 'setpriv', package: 'util-linux' },
  { binary: 'dockerd', package: 'docker.io' },
  { binary: 'busybox', package: 'busybox-static' },
];

export const ROOT = join(import.meta.dirname, '../..');
export const VERSION = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string })
  .version;
/** Of the packages that others are upgraded to. */
export const NEWER = '99.0.0';

export const NOBODY = 65_534;
export const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];

const isWanted = process.env['PACKAGES'] === '1' || process.env['CI'] === 'true';
const missing = [
  ...(isWanted ? [] : ['PACKAGES=1 and a network']),
  ...(process.getuid?.() === 0 ? [] : ['root']),
  ...(process.arch === 'x64' ? [] : ['x64']),
  ...REQUIREMENTS.filter(({ binary }) => findBinary(binary) === undefined).map(
    ({ binary, package: name }) => `${binary} (package ${name})`,
  ),
];
export const canRun = missing.length === 0 && canStartDocker;

/** They take minutes, so that they run where they are asked for: with PACKAGES=1 or in CI. There they must not be skipped. */
export function packageTest(title: string, body: () => Promise<void> | void, timeout = 180_000): void {
  const what = `needs ${missing.join(', ')}`;
  if (!isWanted) test.skip(`${title} (${what})`, () => body());
  else if (canRun) test(title, () => timed(title, body), timeout);
  else
    test(title, () => {
      throw new Error(`This test ${what}; with PACKAGES=1 and in CI it must not be skipped`);
    });
}

const took: string[] = [];

async function timed<T>(what: string, body: () => Promise<T> | T): Promise<T> {
  const start = performance.now();
  try {
    return await body();
  } finally {
    took.push(`${((performance.now() - start) / 1000).toFixed(1).padStart(8)} s  ${what}`);
  }
}

export interface Workshop {
  /** Readable for everybody. */
  readonly folder: string;
  /** For machines: a file system in memory, so that nothing waits for a disk, and overlayfs can write to it. */
  readonly memory: string;
  /** The file that `npm run release` made whose name ends so. */
  artefact(end: string): string;
  /** A new folder of the unprivileged user. */
  home(name: string): string;
  /** A new folder that the unprivileged user may read. */
  readable(name: string): string;
  /** The folder of the Debian that machines are made from. */
  debian(): string;
  withMachine(body: (machine: Machine) => Promise<void> | void): () => Promise<void>;
  /** The files of a package for Debian of the version 99.0.0, with another default configuration. */
  newerFiles(): string;
}

/** Makes all of it before the tests of a file, and removes it after them. */
export function createWorkshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-packages-'));
  const memory = join(folder, 'memory');
  const released = join(folder, 'release');
  let base: string | undefined;

  beforeAll(async () => {
    if (!canRun) return;
    chmodSync(folder, 0o755);
    mkdirSync(memory);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4g,mode=755', 'tmpfs', memory]);
    const env = { ...process.env, RELEASE_DIR: released };
    const script = join(ROOT, 'scripts/release/release.mjs');
    // dist/ is built already.
    const release = timed('npm run release', () => run(process.execPath, [script], { env }));
    base = await timed('Debian by mmdebstrap', () => debian(memory));
    await release;
  }, 400_000);

  afterAll(() => {
    if (existsSync(memory)) execFileSync('umount', ['--recursive', memory]);
    rmSync(folder, { recursive: true, force: true });
    if (took.length > 0) process.stderr.write(`\nPackages\n${took.join('\n')}\n`);
  });

  const artefact = (end: string) => join(released, readdirSync(released).find((name) => name.endsWith(end)) ?? end);
  const readable = (name: string) => {
    const path = mkdtempSync(join(folder, `${name}-`));
    chmodSync(path, 0o755);
    return path;
  };
  const madeDebian = () => {
    if (base === undefined) throw new Error('There is no Debian, because the preparation has failed');
    return base;
  };
  return {
    folder,
    memory,
    artefact,
    readable,
    home(name) {
      const path = readable(name);
      chownSync(path, NOBODY, NOBODY);
      return path;
    },
    debian: madeDebian,
    withMachine: (body) => async () => {
      const machine = machineFrom(madeDebian(), memory);
      try {
        await body(machine);
      } finally {
        machine.remove();
      }
    },
    newerFiles() {
      const tree = join(memory, 'newer');
      if (!existsSync(tree)) {
        execFileSync('dpkg-deb', ['--raw-extract', artefact('.deb'), `${tree}.part`]);
        makeNewer(`${tree}.part`);
        execFileSync('mv', [`${tree}.part`, tree]);
      }
      return tree;
    },
  };
}

function makeNewer(tree: string): void {
  edit(join(tree, 'DEBIAN/control'), (text) => text.replace(/^Version: .*$/m, `Version: ${NEWER}`));
  edit(join(tree, 'usr/lib/healthd/package.json'), newerManifest);
  edit(join(tree, 'etc/healthd/healthd.yaml'), (text) => `${text}# A newer default\n`);
}

export function newerManifest(text: string): string {
  return JSON.stringify({ ...(JSON.parse(text) as object), version: NEWER });
}

export function edit(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}
