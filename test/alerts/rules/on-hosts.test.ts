/** Rules over the metrics of hosts: missing devices, several devices. */
import { describe, expect, it } from '@jest/globals';

import { simulate } from '../../../src/alerts/engine/simulate.ts';
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
    const metrics = series('disk', { path: '/', fstype: 'btrfs', mode: 'rw' }, 60, () => ({
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
  const disk = (path: string, used: (minute: number) => number) =>
    series('disk', { path, fstype: 'ext4', mode: 'rw' }, 30, (minute) => ({
      used_percent: used(minute),
      free: 1024 ** 3,
    }));
  const metrics = [...disk('/', () => 40), ...disk('/data', (minute) => (minute < 10 ? 96 : 50))];
  const { events } = simulate({ rules: [await stockRule('disk_space')], metrics });
  expect(events.map(({ kind, alert }) => [kind, alert.tags['path']])).toEqual([
    ['fired', '/data'],
    ['resolved', '/data'],
  ]);
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
    expect(simulate({ rules: [await stockRule('docker_down')], metrics, until, step: MINUTE }).events).toEqual([]);
  });
});
