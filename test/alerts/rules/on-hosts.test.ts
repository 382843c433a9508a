/** Rules over the metrics of hosts: missing devices, several devices. */
import { describe, expect, it } from '@jest/globals';

import { simulate } from '../../../src/alerts/trial/simulate.ts';
import { nanoseconds } from '../../../src/core/clock.ts';
import type { Fields, Metric, Tags } from '../../../src/metric/metric.ts';

import { compile, compileOne } from './rule-kit.ts';

const START = 1_700_000_000_000;
const MINUTE = 60_000;

function series(name: string, tags: Tags, minutes: number, fieldsAt: (minute: number) => Fields): readonly Metric[] {
  return Array.from({ length: minutes }, (_, minute) => ({
    name,
    tags: { host: 'web1', ...tags },
    fields: fieldsAt(minute),
    time: nanoseconds(START + minute * MINUTE),
  }));
}

async function stockRule(id: string) {
  const { rules } = await compile([], { defaults: 'standard' });
  const rule = rules.find((one) => one.id === id);
  if (rule === undefined) throw new Error(`There is no ${id}`);
  return rule;
}

describe('AL-023: a device that a host does not have', () => {
  it('fires no alert: no swap', async () => {
    const metrics = series('swap', {}, 60, () => ({ total: 0, used: 0, used_percent: 100 }));
    expect(simulate({ rules: [await stockRule('swap_used')], metrics }).events).toEqual([]);
  });

  it('fires no alert: no sensors, and a file system without inodes', async () => {
    const rules = [await stockRule('temp_high'), await stockRule('disk_inodes')];
    const metrics = mount({ device: 'sda1', path: '/', fstype: 'btrfs' }, 60, () => ({
      inodes_total: 0,
      inodes_used_percent: 100,
    }));
    const { alerts, events } = simulate({ rules, metrics });
    expect(events).toEqual([]);
    expect(alerts.map(({ rule }) => rule)).not.toContain('temp_high');
  });
});

it('AL-024: of several sensors the worst counts, and the summary names it', async () => {
  const rule = await compileOne({
    id: 'hot',
    metric: 'temp.temp',
    group_by: [],
    across: 'max',
    above: { warning: { at: 80, clear: 70 } },
    summary: '{{ tags.sensor }} reads {{ value | round }}',
  });
  const metrics = [
    ...series('temp', { sensor: 'cpu' }, 3, (minute) => ({ temp: [60, 85, 60][minute] ?? 0 })),
    ...series('temp', { sensor: 'board' }, 3, (minute) => ({ temp: [50, 84, 95][minute] ?? 0 })),
    ...series('temp', { sensor: 'air' }, 3, () => ({ temp: 20 })),
  ];
  const { alerts, events } = simulate({ rules: [rule], metrics });
  expect(alerts).toHaveLength(1);
  expect(events.map(({ alert }) => alert.summary)).toEqual(['cpu reads 85']);
  expect(events.map(({ alert }) => alert.tags)).toEqual([{ host: 'web1' }]);
  const last = simulate({
    rules: [rule],
    metrics: metrics.filter(({ time }) => time > nanoseconds(START + MINUTE)),
    until: START + 3 * MINUTE,
  });
  expect(last.events.map(({ alert }) => alert.summary)).toEqual(['board reads 95']);
});

it('AL-025: a full second disk fires while the first one is fine, and is resolved on its own', async () => {
  const disk = (device: string, path: string, used: (minute: number) => number) =>
    mount({ device, path }, 30, (minute) => ({ used_percent: used(minute) }));
  const metrics = [...disk('sda1', '/', () => 40), ...disk('sdb1', '/data', (minute) => (minute < 10 ? 96 : 50))];
  const { events } = simulate({ rules: [await stockRule('disk_space')], metrics });
  expect(events.map(({ kind, alert }) => [kind, alert.tags['device'], alert.summary])).toEqual([
    ['fired', 'sdb1', 'Disk /data on web1 is 96 % full'],
    ['resolved', 'sdb1', 'Disk /data on web1 is 50 % full'],
  ]);
});

/** A file system, 1 GiB of it free, a sample each minute. */
function mount(tags: Tags, minutes: number, fieldsAt: (minute: number) => Fields, from = 0): readonly Metric[] {
  const all = { fstype: 'ext4', mode: 'rw', ...tags };
  return series('disk', all, minutes, (minute) => ({ free: 1024 ** 3, read_only: false, ...fieldsAt(minute) })).map(
    (metric) => ({ ...metric, time: metric.time + nanoseconds(from * MINUTE) }),
  );
}

describe('C-017: one full device is one alert', () => {
  const summaries = async (metrics: readonly Metric[]) => {
    const { alerts, events } = simulate({ rules: [await stockRule('disk_space')], metrics });
    return { alerts: alerts.map(({ tags }) => tags), summaries: events.map(({ alert }) => alert.summary) };
  };

  it('that names its mounts: subvolumes, and a bind mount that is read-only', async () => {
    const paths = [{ path: '/home' }, { path: '/' }, { path: '/srv/pub', mode: 'ro' }];
    const metrics = paths.flatMap((tags) =>
      mount({ device: 'sda2', fstype: 'btrfs', ...tags }, 10, () => ({ used_percent: 96 })),
    );
    expect(await summaries(metrics)).toEqual({
      alerts: [{ host: 'web1', device: 'sda2' }],
      summaries: ['Disk /, /home, /srv/pub on web1 is 96 % full'],
    });
  });

  it('that lists the first of many mounts', async () => {
    const metrics = Array.from({ length: 14 }, (_, index) =>
      mount({ device: 'sda2', path: `/${String.fromCharCode(97 + index)}` }, 10, () => ({ used_percent: 96 })),
    ).flat();
    expect((await summaries(metrics)).summaries).toEqual(['Disk /a, /b, /c, /d, /e and 9 more on web1 is 96 % full']);
  });

  it('also for a pool of ZFS, whose fullest data set is named, with its own free space', async () => {
    const dataset = (name: string, fields: Fields) =>
      mount({ device: `tank/${name}`, pool: 'tank', path: `/${name}`, fstype: 'zfs' }, 10, () => fields);
    const metrics = [
      ...dataset('db', { used_percent: 97 }),
      ...dataset('web', { used_percent: 96 }),
      ...dataset('logs', { used_percent: 20, free: 1024 ** 4 }),
    ];
    expect(await summaries(metrics)).toEqual({
      alerts: [{ host: 'web1', pool: 'tank' }],
      summaries: ['Disk /db on web1 is 97 % full'],
    });
  });

  it('and two devices are two alerts', async () => {
    const metrics = ['sda1', 'sdb1'].flatMap((device) =>
      mount({ device, path: `/${device}` }, 10, () => ({ used_percent: 96 })),
    );
    expect((await summaries(metrics)).alerts).toHaveLength(2);
  });
});

describe('a file system that turns read-only', () => {
  const full = () => ({ used_percent: 97 });
  const writable = [
    ...mount({ device: 'sda1', path: '/' }, 10, full),
    ...mount({ device: 'sda1', path: '/var' }, 10, full),
  ];
  const broken = (minutes: number, ...paths: string[]) =>
    paths.flatMap((path) =>
      mount({ device: 'sda1', path, mode: 'ro' }, minutes, () => ({ used_percent: 97, read_only: true }), 10),
    );
  const run = async (rule: string, metrics: readonly Metric[], minutes = 10) => {
    const until = START + minutes * MINUTE;
    const { events } = simulate({ rules: [await stockRule(rule)], metrics, until });
    return events.map(({ kind, alert }) => [kind, alert.level, alert.summary]);
  };

  it('R-001: keeps the alert that it is full', async () => {
    const metrics = [...writable, ...broken(90, '/', '/var')];
    expect(await run('disk_space', metrics, 100)).toEqual([['fired', 'critical', 'Disk /, /var on web1 is 97 % full']]);
  });

  it('R-002: fires one critical alert for the device, which ends when it is writable again', async () => {
    const repaired = mount({ device: 'sda1', path: '/' }, 2, full, 20);
    expect(await run('disk_readonly', [...writable, ...broken(10, '/', '/var'), ...repaired])).toEqual([
      ['fired', 'critical', 'Disk /, /var on web1 has turned read-only'],
      ['resolved', 'critical', expect.any(String)],
    ]);
  });

  it('fires nothing for one that was read-only from the start, nor for a mount that is', async () => {
    const image = mount({ device: 'sdb1', path: '/image', mode: 'ro' }, 60, () => ({
      used_percent: 100,
      read_only: true,
    }));
    const remounted = mount({ device: 'sda1', path: '/', mode: 'ro' }, 10, full, 10);
    for (const metrics of [image, [...mount({ device: 'sda1', path: '/' }, 10, full), ...remounted]]) {
      expect(await run('disk_readonly', metrics)).toEqual([]);
    }
    expect(await run('disk_space', image)).toEqual([]);
    expect(await run('disk_inodes', image)).toEqual([]);
  });
});

describe('a container', () => {
  const status = (minute: number, container_status: string, fields: Fields): readonly Metric[] => {
    const tags = { host: 'web1', container_name: 'shop', container_status };
    return [{ name: 'docker_container_status', tags, fields, time: nanoseconds(START + minute * MINUTE) }];
  };
  const running = [0, 1, 2].flatMap((minute) => status(minute, 'running', { pid: 7, failed: false }));

  it('R-008: that is removed resolves its alert at once', async () => {
    const metrics = [
      ...running,
      ...status(3, 'exited', { pid: 0, failed: true }),
      ...status(9, 'removed', { pid: 0, failed: false }),
    ];
    const { events } = simulate({ rules: [await stockRule('docker_down')], metrics });
    expect(events.map(({ kind, at }) => [kind, (at - START) / MINUTE])).toEqual([
      ['fired', 3],
      ['resolved', 9],
    ]);
  });

  it('R-009: that is stopped on purpose raises no alert', async () => {
    const metrics = [...running, ...status(3, 'exited', { pid: 0, exitcode: 143, failed: false })];
    const until = START + 3_000 * MINUTE;
    expect(simulate({ rules: [await stockRule('docker_down')], metrics, until }).events).toEqual([]);
  });
});
