import { expect, test } from '@jest/globals';

import { Feed } from '../../../src/core/feed.ts';
import { alerts } from '../../../src/plugins/alerts/index.ts';
import type { Accumulator, AuditEntry, CurrentAlert, Input, StreamInput } from '../../../src/plugin/index.ts';
import { manualClock, testContext } from '../../../src/testing.ts';
import { firing } from '../../support/kit/sample-alerts.ts';

type Catalog = typeof alerts.metrics;
type Point = Parameters<Accumulator<Catalog>['add']>;

const NOW = 1_700_000_600_000;

function current(state: CurrentAlert['state'], more: Partial<CurrentAlert['alert']> = {}): CurrentAlert {
  return { state, alert: { ...firing().alerts[0]!, startsAt: NOW - 90_000, ...more } };
}

async function made(options: Record<string, unknown> = {}) {
  const feed = new Feed<AuditEntry>();
  let listed: readonly CurrentAlert[] = [];
  const events = { onLog: () => () => undefined, onAlertEvent: feed.subscribe, alerts: () => listed };
  const context = testContext({ clock: manualClock(NOW), events });
  const input = (await alerts.create(alerts.config.parse(options), context)) as Input<Catalog> & StreamInput<Catalog>;
  const points: Point[] = [];
  const acc: Accumulator<Catalog> = {
    add: (...point) => points.push(point),
    error: (error) => {
      throw error;
    },
  };
  return {
    feed,
    gather: async (now: readonly CurrentAlert[]) => {
      listed = now;
      points.length = 0;
      await input.gather(acc, new AbortController().signal);
      return [...points];
    },
    events: async (entries: readonly AuditEntry[]) => {
      const stop = new AbortController();
      const run = input.run(acc, stop.signal);
      for (const entry of entries) feed.publish(entry);
      stop.abort();
      await run;
      return [...points];
    },
  };
}

test('an active alert is a series that ends with one point', async () => {
  const { gather } = await made();
  const about = { rule: 'disk_space', level: 'critical', host: 'web1', tags: { host: 'web1', path: '/var' } } as const;
  const tags = { rule: 'disk_space', level: 'critical', host: 'web1', path: '/var' };
  const [pending] = await gather([current('pending', about)]);
  expect(pending).toMatchObject(['healthd_alert', { firing: 0, state: 'pending', active_s: 90 }, tags]);
  const { value, threshold, summary } = current('firing').alert;
  expect(await gather([current('firing', about)])).toEqual([
    ['healthd_alert', { firing: 1, value, threshold, active_s: 90, state: 'firing', summary }, tags],
  ]);
  expect(await gather([])).toEqual([['healthd_alert', { firing: 0, active_s: 0, state: 'ok', summary }, tags]]);
  expect(await gather([])).toEqual([]);
});

test('a new level starts a new series, and the old one ends', async () => {
  const { gather } = await made();
  await gather([current('firing', { level: 'warning' })]);
  const points = await gather([current('firing', { level: 'critical' })]);
  expect(points.map(([, fields, tags]) => [tags?.['level'], (fields as { firing: number }).firing])).toEqual([
    ['critical', 1],
    ['warning', 0],
  ]);
});

test('each audit log entry is a point', async () => {
  const { events } = await made();
  const points = await events([
    {
      at: NOW,
      kind: 'transition',
      reason: 'fired',
      fingerprint: 'f1',
      rule: 'disk_space',
      host: 'web1',
      detail: { level: 'critical', summary: 'Disk /var on web1\nis 96 % full', value: 96 },
    },
    { at: NOW, kind: 'attempt', reason: 'gave_up', rule: 'disk_space', host: 'web1', receiver: 'ops' },
    { at: NOW, kind: 'ack', reason: 'made', fingerprint: 'f1', by: 'ann' },
  ]);
  expect(
    points.map(([name, fields]) => [
      name,
      ...['message', 'severity_code'].map((key) => Reflect.get(fields, key) as unknown),
    ]),
  ).toEqual([
    ['healthd_alert_event', 'critical: Disk /var on web1 is 96 % full', 2],
    ['healthd_alert_event', 'attempt gave up of disk_space on web1 to ops', 3],
    ['healthd_alert_event', 'ack made by ann', 5],
  ]);
  expect(points[0]?.[2]).toMatchObject({ kind: 'transition', reason: 'fired', level: 'critical', host: 'web1' });
  expect(points[2]?.[1]).toMatchObject({ fingerprint: 'f1', by: 'ann', count: 1 });
  expect(new Set(points.map(([, , , time]) => time)).size).toBe(3);
});

test('either part can be disabled', async () => {
  const { gather, events } = await made({ current: false, events: false });
  expect(await gather([current('firing')])).toEqual([]);
  expect(await events([{ at: NOW, kind: 'agent', reason: 'started' }])).toEqual([]);
});
