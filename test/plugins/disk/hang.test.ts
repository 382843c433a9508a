import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { afterEach, expect, test } from '@jest/globals';

import { FailureLog } from '../../../src/host/failure-log.ts';
import { BoundedStatfs } from '../../../src/plugins/disk/bounded-statfs.ts';
import { createDisk } from '../../../src/plugins/disk/index.ts';
import { findTargets, type Target } from '../../../src/plugins/disk/targets.ts';
import type { Statfs } from '../../../src/plugins/disk/usage.ts';
import type { Logger } from '../../../src/plugin/index.ts';
import { manualClock, silentLog, testInput } from '../../../src/testing.ts';

const ANSWER: Statfs = { bsize: 4096, blocks: 100, bfree: 50, bavail: 40, files: 10, ffree: 5 };
const TARGET: Target = {
  statfsPath: '/',
  isRemote: false,
  isInstant: false,
  isReadOnly: false,
  tags: { path: '/', device: 'sda1', fstype: 'ext4', mode: 'rw', label: '', pool: '' },
};
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A statfs that hangs for dead paths until `revive`. */
function fakeStatfs(...dead: string[]) {
  const release = new Map<string, (answer: Statfs) => void>();
  const calls: string[] = [];
  let outstanding = 0;
  let most = 0;
  return {
    calls,
    most: () => most,
    revive: async (path: string) => {
      dead.splice(dead.indexOf(path), 1);
      release.get(path)!(ANSWER);
      await setImmediate();
    },
    statfs: async (path: string): Promise<Statfs> => {
      calls.push(path);
      most = Math.max(most, (outstanding += 1));
      try {
        if (!dead.includes(path)) return await Promise.resolve(ANSWER);
        return await new Promise<Statfs>((resolve) => release.set(path, resolve));
      } finally {
        outstanding -= 1;
      }
    },
  };
}

function diskOn(statfs: (path: string) => Promise<Statfs>, mounts: Record<string, string>, settings = {}) {
  const lines = Object.entries(mounts).map(([path, type], i) => `${i} 1 8:${i} / ${path} rw - ${type} /dev/sd${i} rw`);
  return diskListed(statfs, lines, settings);
}

async function diskListed(statfs: (path: string) => Promise<Statfs>, lines: readonly string[], settings = {}) {
  const proc = mkdtempSync(join(tmpdir(), 'healthd-disk-'));
  folders.push(proc);
  mkdirSync(join(proc, '1'));
  writeFileSync(join(proc, '1', 'mountinfo'), lines.join('\n'));
  return testInput(
    createDisk({ later: statfs }),
    { statfs_timeout: '60ms' },
    { environment: { HOST_PROC: proc }, ...settings },
  );
}

const paths = (metrics: readonly { tags: Readonly<Record<string, string>> }[]) =>
  metrics.map(({ tags }) => tags['path']);

test('a dead server is skipped, an error while it is dead, and reported again when it is back', async () => {
  const { statfs, calls, revive } = fakeStatfs('/nfs1');
  const infos: string[] = [];
  const log: Logger = { ...silentLog, info: (message) => infos.push(message) };
  const input = await diskOn(statfs, { '/nfs1': 'nfs4', '/': 'ext4', '/nfs2': 'nfs', '/home': 'xfs' }, { log });

  const first = await input.gather();
  expect(paths(first.metrics)).toEqual(['/', '/home']);
  expect(first.errors.map(({ message }) => message)).toEqual([
    'statfs of /nfs1 (nfs4, sd0) hangs; the file system is skipped until it returns',
    '/nfs2 (nfs, sd2) is skipped while another file system hangs',
  ]);

  const started = performance.now();
  const second = await input.gather();
  expect(performance.now() - started).toBeLessThan(50);
  expect(paths(second.metrics)).toEqual(['/', '/home']);
  expect(second.errors).toEqual(first.errors);
  expect(calls.filter((path) => path === '/nfs1')).toHaveLength(1);
  expect(calls).not.toContain('/nfs2');

  await revive('/nfs1');
  const third = await input.gather();
  expect(paths(third.metrics)).toEqual(['/nfs1', '/', '/nfs2', '/home']);
  expect(third.errors).toEqual([]);
  expect(infos).toEqual(['The file system on /nfs1 responds again', 'The file system on /nfs2 responds again']);
  await input.stop();
});

test('C-009: two hung local mounts do not stop the monitoring of the others', async () => {
  const { statfs, calls, most } = fakeStatfs('/a', '/b');
  const input = await diskOn(statfs, { '/a': 'zfs', '/b': 'zfs', '/': 'xfs', '/home': 'btrfs', '/nfs': 'nfs' });
  for (let round = 0; round < 3; round += 1) {
    const { metrics, errors } = await input.gather();
    expect(paths(metrics)).toEqual(['/', '/home']);
    expect(errors.map(({ message }) => message)).toEqual([
      'statfs of /a (zfs, sd0), /b (zfs, sd1) hangs; the file system is skipped until it returns',
      '/nfs (nfs, sd4) is skipped while another file system hangs',
    ]);
  }
  expect(calls.filter((path) => path === '/a' || path === '/b')).toHaveLength(2);
  expect(most()).toBe(3);
  await input.stop();
});

test('C-009: a suspended pool takes one thread, however many of its data sets are mounted', async () => {
  const pool = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`/tank/${i}`, 'tank']));
  const { statfs, calls, most } = fakeStatfs(...Object.keys(pool), '/other');
  const mount = (path: string, source: string) => `1 1 0:${source.length} / ${path} rw - zfs ${source} rw`;
  const lines = [...Object.entries({ ...pool, '/other': 'other', '/': 'root' })].map(([path, source]) =>
    mount(path, `${source}${path}`),
  );
  const input = await diskListed(statfs, lines);
  for (let round = 0; round < 3; round += 1) expect(paths((await input.gather()).metrics)).toEqual(['/']);
  expect(calls.filter((path) => path !== '/')).toEqual(['/tank/0', '/other']);
  expect(most()).toBe(3);
  await input.stop();
});

test('C-009: at most three calls are outstanding, whatever hangs; instant file systems go on', async () => {
  const { statfs, calls, most } = fakeStatfs('/a', '/b', '/c', '/nfs');
  const input = await diskOn(statfs, { '/a': 'xfs', '/b': 'xfs', '/c': 'xfs', '/d': 'xfs', '/nfs': 'nfs' });
  const { metrics, errors } = await input.gather();
  expect(metrics).toEqual([]);
  expect(errors).toHaveLength(2);
  await input.gather();
  expect(calls).toEqual(['/a', '/b', '/c']);
  expect(most()).toBe(3);
  await input.stop();

  const clock = manualClock();
  const fileSystems = new BoundedStatfs({ later: () => new Promise(() => undefined), now: () => ANSWER }, 60, clock);
  const on = (path: string, isInstant = false) => ({
    ...TARGET,
    statfsPath: path,
    isInstant,
    tags: { ...TARGET.tags, device: path },
  });
  const asked = fileSystems.ask([on('/a'), on('/b'), on('/c'), on('/', true)], new AbortController().signal);
  for (let round = 0; round < 2; round += 1) {
    clock.advance(60);
    await setImmediate();
  }
  expect(await asked).toEqual(['hung', 'hung', 'hung', ANSWER]);
});

test('C-010: gathering counts as working again only when no mount hangs any more', async () => {
  const { statfs, revive } = fakeStatfs('/mnt/disk1');
  const { statfs: both } = fakeStatfs('/mnt/disk1', '/mnt/disk2');
  const input = await diskOn(statfs, { '/': 'xfs', '/mnt/disk1': 'xfs' });
  const other = await diskOn(both, { '/': 'xfs', '/mnt/disk1': 'xfs', '/mnt/disk2': 'xfs' });
  const said: string[] = [];
  const note = (message: string) => said.push(message);
  const failures = new FailureLog({ ...silentLog, info: note, warn: note }, manualClock());
  const round = async (from: typeof input) => {
    const { errors } = await from.gather();
    for (const error of errors) failures.failed('Gather failed', error);
    if (errors.length === 0) failures.succeeded('Gathering works');
  };
  for (let time = 0; time < 3; time += 1) await round(input);
  for (let time = 0; time < 3; time += 1) await round(other);
  expect(said).toEqual([
    'Gather failed: statfs of /mnt/disk1 (xfs, sd1) hangs; the file system is skipped until it returns',
    'Gather failed: statfs of /mnt/disk1 (xfs, sd1), /mnt/disk2 (xfs, sd2) hangs; the file system is skipped until it returns',
  ]);
  await revive('/mnt/disk1');
  await round(input);
  expect(said.slice(2)).toEqual(['Gathering works again after 1s']);
  await Promise.all([input.stop(), other.stop()]);
});

test('a dead local file system leaves one slot for the others', async () => {
  const { statfs, calls } = fakeStatfs('/a');
  const input = await diskOn(statfs, { '/a': 'ext4', '/b': 'ext4', '/c': 'ext4', '/d': 'xfs' });
  for (let round = 0; round < 3; round += 1) expect(paths((await input.gather()).metrics)).toEqual(['/b', '/c', '/d']);
  expect(calls.filter((path) => path === '/a')).toHaveLength(1);
  await input.stop();
});

test('the host mount prefix is used for statfs and not shown in tags', async () => {
  const { statfs, calls } = fakeStatfs();
  const proc = mkdtempSync(join(tmpdir(), 'healthd-disk-'));
  folders.push(proc);
  mkdirSync(join(proc, '1'));
  const mount = (path: string) => `1 1 8:1 / ${path} rw - ext4 /dev/sda1 rw\n`;
  // Mounts in a container that sees the host under /hostfs, with its own /etc/hosts and a similarly named folder.
  writeFileSync(
    join(proc, '1', 'mountinfo'),
    ['/', '/hostfs', '/hostfs/boot', '/boot', '/hostfsx'].map(mount).join(''),
  );
  const input = await testInput(
    createDisk({ later: statfs }),
    {},
    { environment: { HOST_PROC: proc, HOST_MOUNT_PREFIX: '/hostfs' } },
  );
  expect(paths((await input.gather()).metrics)).toEqual(['/', '/boot', '/hostfsx']);
  expect(calls.sort()).toEqual(['/hostfs', '/hostfs/boot', '/hostfs/hostfsx']);
  await input.stop();
});

test('a local file system without a size is called once, a remote one each time', async () => {
  const calls: string[] = [];
  const statfs = (path: string) => {
    calls.push(path);
    return Promise.resolve({ ...ANSWER, blocks: path === '/' ? 100 : 0 });
  };
  const input = await diskOn(statfs, { '/': 'ext4', '/proc': 'proc', '/mnt': 'fuse.sshfs' });
  for (let round = 0; round < 2; round += 1) expect(paths((await input.gather()).metrics)).toEqual(['/']);
  expect(calls).toEqual(['/', '/proc', '/mnt', '/', '/mnt']);
  await input.stop();
});

test('file systems that answer from memory are called synchronously, if there are no others', async () => {
  const { statfs, calls } = fakeStatfs();
  const failure = new Error('gone');
  const now = (path: string) => {
    if (path === '/gone') throw failure;
    return ANSWER;
  };
  const fileSystems = new BoundedStatfs({ later: statfs, now }, 60, manualClock());
  const target = (path: string, isInstant: boolean) => ({ ...TARGET, statfsPath: path, isInstant });
  const ask = (...targets: Target[]) => fileSystems.ask(targets, new AbortController().signal);
  expect(ask(target('/', true), target('/gone', true))).toEqual([ANSWER, failure]);
  expect(calls).toEqual([]);
  expect(await ask(target('/', true), target('/data', false))).toEqual([ANSWER, ANSWER]);
  expect(calls).toEqual(['/', '/data']);
});

test.each([
  ['/', { '/': 'ext4' }, true],
  ['/data', { '/': 'ext4', '/data': 'tmpfs' }, true],
  ['/data', { '/': 'ext4', '/data': 'xfs' }, false],
  ['/srv/nfs/disk', { '/': 'ext4', '/srv/nfs': 'nfs4', '/srv/nfs/disk': 'ext4' }, false],
  ['/srv/nfs2', { '/': 'ext4', '/srv/nfs': 'nfs4', '/srv/nfs2': 'ext4' }, true],
  ['/data', { '/': 'overlay', '/data': 'ext4' }, false],
  ['/data', {}, false],
])('%s with the mounts %j: isInstant is %s', (path, mounts, isInstant) => {
  const listed = (each: Record<string, string>) =>
    Object.entries(each)
      .map(([mountPath, type], i) => `${i} 1 8:${i} / ${mountPath} rw - ${type} /dev/sd${i} rw`)
      .join('\n');
  const roots = { sys: '/none', dev: '/none', run: '/none', mountPrefix: '', readOptional: () => '' };
  const selection = {
    mountPoints: new Set([path]),
    ignoredTypes: new Set<string>(),
    ignoredOptions: new Set<string>(),
  };
  const targets = findTargets(listed({ ...mounts, [path]: 'ext4' }), listed(mounts), selection, roots);
  expect(targets.map((target) => target.isInstant)).toEqual([isInstant]);
});
