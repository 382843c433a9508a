import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { atOnce } from '../../../src/core/turns.ts';
import { absence, bootNumber, bootTime } from '../../../src/history/events/sources/absence.ts';
import { alertEvent } from '../../../src/history/events/sources/alerts.ts';
import { ClockSteps } from '../../../src/history/events/sources/clock-steps.ts';
import { DeadContainers } from '../../../src/history/events/sources/containers.ts';
import { FailedUnits, listFailedUnits } from '../../../src/history/events/sources/failed-units.ts';
import { RemountedMounts } from '../../../src/history/events/sources/mounts.ts';
import { oomEvents, oomKills, readVictims, victimOf } from '../../../src/history/events/sources/oom-kills.ts';
import type { Fields } from '../../../src/metric/metric.ts';

const NEVER = new AbortController().signal;
const MINUTE = 60_000;

describe('an alert', () => {
  const detail = { level: 'critical', previousLevel: 'warning', summary: 'CPU 99 %', startsAt: 50 };
  const entry = { at: 70, kind: 'transition', reason: 'fired', fingerprint: 'f1', rule: 'cpu', detail } as const;

  test('is an event from its start to its end', () => {
    const event = { at: 50, kind: 'alert', level: 'critical', title: 'CPU 99 %', alert: 'f1' };
    expect(alertEvent(entry)).toEqual(event);
    const ended = { ...detail, level: 'ok', previousLevel: 'critical', endsAt: 90 };
    expect(alertEvent({ ...entry, reason: 'resolved', detail: ended })).toEqual({ ...event, until: 90 });
  });

  test('is none for other entries of the audit log', () => {
    expect(alertEvent({ ...entry, kind: 'notification' })).toBeUndefined();
    expect(alertEvent({ at: 1, kind: 'transition', reason: 'fired' })).toBeUndefined();
  });
});

describe('a container', () => {
  const status = (fields: Fields, state = 'exited', at = 100) => ({
    name: 'docker_container_status',
    tags: { container_name: 'api', container_status: state },
    fields,
    time: BigInt(at) * 1_000_000n,
  });
  const FAILED = { failed: true, exitcode: 137n, finished_at: 90_000_000n };

  test('that fails is one event, until it runs again', () => {
    const containers = new DeadContainers();
    expect(containers.observe(status({ failed: false, exitcode: 0n }))).toBeUndefined();
    const event = { at: 90, kind: 'container', level: 'warning', title: 'Container api exited with code 137' };
    expect(containers.observe(status(FAILED))).toEqual(event);
    expect(containers.observe(status(FAILED))).toBeUndefined();
    expect(containers.observe(status({ failed: false }, 'running', 400))).toEqual({ ...event, until: 400 });
    expect(containers.observe(status({ failed: false }, 'running', 500))).toBeUndefined();
  });

  test('that was killed for lack of memory says so', () => {
    const event = new DeadContainers().observe(status({ ...FAILED, oomkilled: true }));
    expect(event?.title).toBe('Container api was killed for lack of memory');
  });
});

describe('a mount', () => {
  const line = (id: number, path: string, options: string, superOptions = options) =>
    `${id} 1 8:1 / ${path} ${options},relatime shared:1 - ext4 /dev/sda1 ${superOptions}\n`;

  test('that becomes read-only is an event, until it is writable again', () => {
    const mounts = new RemountedMounts();
    const snap = line(9, '/snap', 'ro');
    expect(mounts.update(line(1, '/', 'rw') + line(2, '/my\\040disk', 'rw') + snap, 10)).toEqual([]);
    const event = { at: 20, kind: 'mount', level: 'critical', title: '/my disk became read-only' };
    const failed = line(1, '/', 'rw') + line(2, '/my\\040disk', 'rw', 'ro,errors=remount-ro') + snap;
    expect(mounts.update(failed, 20)).toEqual([event]);
    expect(mounts.update(failed, 30)).toEqual([]);
    expect(mounts.update(line(2, '/my\\040disk', 'rw') + line(7, '/new', 'ro'), 40)).toEqual([{ ...event, until: 40 }]);
    expect(mounts.update('nonsense\n - \n', 50)).toEqual([]);
  });
});

describe('kills for lack of memory', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'healthd-kmsg-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('are counted by the kernel', () => {
    expect(oomKills('nr_free_pages 3\noom_kill 17\nx 1\n')).toBe(17);
    expect(oomKills('nr_free_pages 3\n')).toBeUndefined();
  });

  test('have the name of the victim', () => {
    const text = 'Out of memory: Killed process 48213 (postgres) total-vm:91kB, anon-rss:7kB, UID:1 oom_score_adj:0';
    expect(victimOf(`3,812,5678,-;${text}`)).toEqual({ pid: 48213, name: 'postgres' });
    expect(
      victimOf('3,1,2,-;Memory cgroup out of memory: Kill process 7 (a (b) c) score 9 or sacrifice child'),
    ).toEqual({
      pid: 7,
      name: 'a (b) c',
    });
    expect(victimOf('6,1,2,-;eth0: link up')).toBeUndefined();
    expect(victimOf('6,1,2,-;x\n DEVICE=;Killed process 1 (forged) x')).toBeUndefined();
  });

  test('are named where they are known, and counted otherwise', () => {
    const victims = [1, 2, 3].map((pid) => ({ pid, name: `p${pid}` }));
    const titles = (kills: number, known = victims) => oomEvents(kills, known, 5).map(({ title }) => title);
    expect(titles(1)).toEqual(['The kernel killed p3 (pid 3) for lack of memory']);
    expect(titles(5).slice(2)).toEqual([
      'The kernel killed p3 (pid 3) for lack of memory',
      'The kernel killed 2 more processes for lack of memory',
    ]);
    expect(titles(1, [])).toEqual(['The kernel killed 1 process for lack of memory']);
    expect(titles(1_000_000)).toHaveLength(4);
  });

  test('are read from the log of the kernel, which may be missing', () => {
    expect(atOnce(readVictims(join(folder, 'kmsg')))).toEqual([]);
    writeFileSync(join(folder, 'kmsg'), '3,1,2,-;Out of memory: Killed process 5 (java) total-vm:1kB\n');
    expect(atOnce(readVictims(join(folder, 'kmsg')))).toEqual([{ pid: 5, name: 'java' }]);
    expect(Array.isArray(atOnce(readVictims('/dev/kmsg')))).toBe(true);
  });
});

describe('a unit', () => {
  test('that fails is an event, until it no longer is failed', () => {
    const units = new FailedUnits();
    expect(units.update(['old.service'], 10)).toEqual([]);
    const event = { at: 20, kind: 'unit', level: 'warning', title: 'nginx.service failed' };
    expect(units.update(['old.service', 'nginx.service'], 20)).toEqual([event]);
    expect(units.update(['nginx.service'], 30)).toEqual([
      { at: 10, until: 30, kind: 'unit', level: 'warning', title: 'old.service failed' },
    ]);
    expect(units.update([], 40)).toEqual([{ ...event, until: 40 }]);
  });

  test('is listed by systemctl', async () => {
    const stdout = Buffer.from(
      'nginx.service loaded failed failed A web server\n● foo@a\\x2db.service loaded failed failed x\n\n',
    );
    const run = () => Promise.resolve({ failure: undefined, code: 0, stdout, stderr: Buffer.alloc(0) });
    expect(await listFailedUnits(run, NEVER)).toEqual(['nginx.service', 'foo@a\\x2db.service']);
    const stderr = Buffer.from('System has not been booted with systemd\n');
    const failing = () => Promise.resolve({ failure: 'exited with code 1', code: 1, stdout, stderr });
    await expect(listFailedUnits(failing, NEVER)).rejects.toThrow('systemctl exited with code 1: System has not');
  });
});

test('a step of the clock is an event, a slow one is none', () => {
  const steps = new ClockSteps();
  expect(steps.update({ wall: 1000, elapsed: 0 })).toBeUndefined();
  expect(steps.update({ wall: 12_900, elapsed: 10_000 })).toBeUndefined();
  expect(steps.update({ wall: 3_622_900, elapsed: 20_000 })).toMatchObject({ at: 3_622_900, kind: 'clock' });
  expect(steps.update({ wall: 32_900, elapsed: 30_000 })?.title).toMatch(/^The clock was set back by 1 h/);
});

describe('a time without the agent', () => {
  const [BOOT, NEXT] = [bootNumber('2f1c0b7e-9a51-4a09-8b0a-000000000001'), bootNumber('3f1c0b7e-9a51-4a09')];
  const last = { at: 1000 * MINUTE, boot: BOOT };

  test('is a gap, if it is longer than the last sign of life is old', () => {
    expect(absence(last, { at: 1001 * MINUTE, boot: BOOT }, undefined)).toEqual([]);
    expect(absence(last, { at: 1030 * MINUTE, boot: BOOT }, undefined)).toEqual([
      { at: last.at, until: 1030 * MINUTE, kind: 'gap', level: 'info', title: 'healthd did not run for 30 min' },
    ]);
    expect(absence(last, { at: 900 * MINUTE, boot: NEXT }, undefined)).toEqual([]);
  });

  test('is a reboot with its downtime, and a gap if the agent was started later', () => {
    const booted = 1002 * MINUTE;
    expect(absence(last, { at: booted + 20_000, boot: NEXT }, booted)).toEqual([
      { at: last.at, until: booted, kind: 'boot', level: 'warning', title: 'The host was started again, after 2 min' },
    ]);
    expect(absence(last, { at: 1060 * MINUTE, boot: NEXT }, booted).map(({ kind }) => kind)).toEqual(['boot', 'gap']);
    // Nonsense from a clock that was wrong at boot stays within the time without the agent.
    expect(absence(last, { at: 1060 * MINUTE, boot: NEXT }, 0)[0]).toMatchObject({ at: last.at, until: last.at });
  });

  test('is known by the id and the time of the boot', () => {
    expect(BOOT).toBeGreaterThan(0);
    expect(bootNumber('')).toBe(0);
    expect(bootTime('cpu 1 2\nbtime 1790000000\n')).toBe(1_790_000_000_000);
    expect(bootTime('')).toBeUndefined();
  });
});
