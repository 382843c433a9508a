import { expect, test } from '@jest/globals';

import { fromChrony, fromTimedatectl } from '../../src/findings/checks/clock.ts';
import { troubledContainers } from '../../src/findings/checks/containers.ts';
import { killed } from '../../src/findings/checks/oom.ts';
import { inodesNearlyFull, swapNearlyFull, turnedReadOnly } from '../../src/findings/checks/usage.ts';
import { Newest } from '../../src/findings/newest.ts';
import type { HistoryEvent } from '../../src/history/access.ts';
import type { Fields, Metric, Tags } from '../../src/metric/metric.ts';

import { textOf } from './text.ts';

const NOW = 1_700_000_000_000;

function metric(name: string, tags: Tags, fields: Fields, at = NOW): Metric {
  return { name, tags, fields, time: BigInt(at) * 1_000_000n };
}

function disk(fields: Fields, tags: Tags = {}): Metric {
  return metric('disk', { path: '/srv', device: 'sdb1', fstype: 'ext4', mode: 'rw', ...tags }, fields);
}

test('few inodes left', () => {
  const of = (used: number, rest: Fields = {}) =>
    inodesNearlyFull([disk({ inodes_used_percent: used, inodes_free: 1234n, ...rest })]).map(textOf);
  expect(of(93.2)).toEqual(['warning: **/srv** has few inodes left: 93.2 % are used. (1,234 are free · sdb1)']);
  expect(of(99)[0]).toMatch(/^critical:/);
  expect(of(89)).toEqual([]);
  expect(of(100, { read_only: true })).toEqual([]);
  expect(inodesNearlyFull([disk({ used_percent: 99 })])).toEqual([]);
});

test('a file system that is mounted to be written and is read-only', () => {
  expect(turnedReadOnly([disk({ read_only: true })]).map(textOf)).toEqual([
    'critical: **/srv** has become read-only. (sdb1 · ext4 · mounted to be written)',
  ]);
  expect(turnedReadOnly([disk({ read_only: true }, { mode: 'ro' }), disk({ read_only: false })])).toEqual([]);
});

test('swap that is nearly full', () => {
  const of = (used_percent: number, total: bigint) =>
    swapNearlyFull([metric('swap', {}, { used_percent, total })]).map(textOf);
  expect(of(94, 2n ** 31n)).toEqual(['warning: Swap is nearly full: 94 % of 2 GiB.']);
  expect(of(50, 2n ** 31n)).toEqual([]);
  expect(of(0, 0n)).toEqual([]);
});

test('containers that failed, restart, or are unhealthy; the newest state counts', () => {
  const status = (name: string, state: string, fields: Fields, at = NOW) =>
    metric(
      'docker_container_status',
      { container_name: name, container_status: state, container_image: 'img' },
      fields,
      at,
    );
  const finished_at = BigInt(NOW - 5000) * 1_000_000n;
  const found = troubledContainers(
    [
      status('web', 'running', { failed: false, restart_count: 0n }),
      status('db', 'exited', { failed: true, exitcode: 1n, finished_at }),
      status('cache', 'exited', { failed: true, exitcode: 137n, oomkilled: true }),
      status('job', 'restarting', { restart_count: 12n, exitcode: 2n }),
      status('back', 'exited', { failed: true, exitcode: 1n }, NOW - 60_000),
      status('back', 'running', { failed: false, exitcode: 0n }),
    ],
    [
      metric('docker_container_health', { container_name: 'web' }, { health_status: 'unhealthy', failing_streak: 3n }),
      metric('docker_container_health', { container_name: 'ok' }, { health_status: 'healthy', failing_streak: 0n }),
    ],
  );
  expect(found.map(textOf)).toEqual([
    'warning: Container **db** failed and does not run. (exit code 1 · img)',
    'warning: Container **cache** failed and does not run. (killed for want of memory · img)',
    'warning: Container **job** ends and is restarted again and again, 12 times so far. (exit code 2 · img)',
    'warning: Container **web** fails its health check. (3 checks in a row)',
  ]);
  expect(found[0]?.since).toBe(NOW - 5000);
});

test('what the kernel killed: one finding for each name, with the newest kill', () => {
  const event = (title: string, at: number, kind: HistoryEvent['kind'] = 'oom'): HistoryEvent => ({
    ...{ at, kind, title },
    level: 'critical',
  });
  const found = killed([
    event('The kernel killed postgres (pid 48213) for lack of memory', NOW),
    event('The kernel killed 3 processes for lack of memory', NOW - 1),
    event('The kernel killed postgres (pid 47001) for lack of memory', NOW - 2),
    event('started', NOW - 3, 'boot'),
  ]);
  expect(found.map(textOf)).toEqual([
    'warning: The kernel killed **postgres** (pid 48213) for lack of memory. (2 times in 24 h)',
    'warning: The kernel killed 3 processes for lack of memory.',
  ]);
  expect(found[0]?.since).toBe(NOW);
});

const TRACKING = `Reference ID    : C0A80101 (192.168.1.1)
Stratum         : 3
System time     : 0.000012 seconds fast of NTP time
Leap status     : Normal
`;

test('a clock as chrony sees it', () => {
  const slow = TRACKING.replace('0.000012 seconds fast', '3.1415 seconds slow');
  const lost = (text: string) => text.replace('Normal', 'Not synchronised');
  expect(fromChrony(TRACKING)).toEqual([]);
  expect(fromChrony(slow).map(textOf)).toEqual(['warning: The clock is 3.1 s behind.']);
  expect(fromChrony(lost(slow)).map(textOf)).toEqual([
    'warning: The clock is 3.1 s behind; chrony has no source to synchronise it with.',
  ]);
  expect(fromChrony(lost(TRACKING)).map(textOf)).toEqual([
    'warning: The clock is not synchronised: chrony has no source to synchronise it with.',
  ]);
  expect(fromChrony('506 Cannot talk to daemon')).toEqual([]);
});

test('a clock as systemd sees it', () => {
  expect(fromTimedatectl('NTP=yes\nNTPSynchronized=yes\n')).toEqual([]);
  expect(fromTimedatectl('NTP=yes\nNTPSynchronized=no\n').map(textOf)).toEqual([
    'warning: The clock is not synchronised.',
  ]);
  expect(fromTimedatectl('NTP=no\nNTPSynchronized=no\n').map(textOf)).toEqual([
    'note: The clock is not synchronised: no time service is on.',
  ]);
  expect(fromTimedatectl('')).toEqual([]);
});

test('the newest samples are kept by series, for five minutes, and of few measurements', () => {
  const newest = new Newest();
  const tags = Object.freeze({ path: '/' });
  newest.observe(metric('disk', tags, { v: 1 }, NOW - 1000));
  newest.observe(metric('disk', tags, { v: 2 }, NOW));
  newest.observe(metric('disk', Object.freeze({ path: '/old' }), { v: 3 }, NOW - 400_000));
  newest.observe(metric('cpu', tags, { v: 4 }));
  expect(newest.of('disk', NOW).map(({ fields }) => fields)).toEqual([{ v: 2 }]);
  expect(newest.of('cpu', NOW)).toEqual([]);
});

test('however many series there are, few are kept', () => {
  const newest = new Newest();
  for (let each = 0; each < 12_000; each += 1) newest.observe(metric('disk', { path: `/${each}` }, { v: 1 }));
  expect(newest.of('disk', NOW).length).toBeLessThanOrEqual(5000);
});
