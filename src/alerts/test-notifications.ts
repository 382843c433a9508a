/** The notifications of `healthd notify test`: an example alert that looks real, first firing, then resolved. */
import type { AlertView, Notification } from '../plugin/notification.ts';

export interface TestSettings {
  readonly receiver: string;
  readonly host: string;
  /** Ms since the Unix epoch. */
  readonly now: number;
  /** Unique for each test. */
  readonly id: string;
  /** IANA name. */
  readonly timeZone: string;
}

const MINUTE = 60_000;
const FIRED_AGO = 2 * MINUTE;

/** Both are about the same alert, group and thread. */
export function testNotifications(settings: TestSettings): readonly [firing: Notification, resolved: Notification] {
  const { receiver, host, now, id, timeZone } = settings;
  const shared = {
    receiver,
    reason: 'test',
    level: 'warning',
    groupKey: `test-${id}:{host="${host}"}`,
    groupTags: { host },
    truncated: 0,
    unchanged: 0,
    thread: `test-${id}`,
    reminder: 0,
    timeZone,
    links: [],
    detail: 'full',
  } as const;
  const firing = testAlert(settings);
  const resolved: AlertView = { ...firing, status: 'resolved', previousLevel: 'warning', value: 41, endsAt: now };
  return [
    {
      ...shared,
      id: `test-${id}-1`,
      status: 'firing',
      alerts: [firing],
      counts: { firing: 1, resolved: 0 },
      time: now - FIRED_AGO,
    },
    {
      ...shared,
      id: `test-${id}-2`,
      status: 'resolved',
      alerts: [resolved],
      counts: { firing: 0, resolved: 1 },
      time: now,
    },
  ];
}

function testAlert({ host, now, id }: TestSettings): AlertView {
  const at = now - FIRED_AGO;
  return {
    fingerprint: id.padEnd(16, '0').slice(0, 16),
    rule: 'cpu_high',
    host,
    status: 'firing',
    level: 'warning',
    previousLevel: 'ok',
    summary: `High CPU usage on ${host} (this is a test)`,
    description: 'Sent by "healthd notify test"; nothing is wrong.',
    runbook: undefined,
    value: 92,
    firedValue: 92,
    silentSince: undefined,
    unit: 'percent',
    threshold: 90,
    clear: 80,
    direction: 'above',
    startsAt: at,
    endsAt: undefined,
    tags: { host },
    labels: {},
    trend: { since: at - 60 * MINUTE, until: at, values: testTrend() },
    context: testContext(host),
    ack: undefined,
    silenced: false,
    flapping: false,
    detail: undefined,
  };
}

function testContext(host: string): AlertView['context'] {
  return [
    {
      kind: 'host',
      title: `${host} when the alert fired`,
      columns: ['What', 'Used'],
      rows: [
        ['CPU Usage', '92 %'],
        ['Memory Usage', '78 %'],
        ['Disk Usage', '65 % (/)'],
      ],
    },
    {
      kind: 'top_cpu',
      title: 'Top processes by CPU',
      columns: ['Process', 'CPU'],
      rows: [
        ['java', '61 %'],
        ['postgres', '18 %'],
        ['node', '7 %'],
      ],
    },
    {
      kind: 'top_memory',
      title: 'Top processes by memory',
      columns: ['Process', 'Memory'],
      rows: [
        ['java', '4.2 GiB'],
        ['postgres', '1.1 GiB'],
        ['node', '310 MiB'],
      ],
    },
  ];
}

/** An hour at one value per minute: around 40 %, with a steep rise at the end. */
function testTrend(): readonly number[] {
  return Array.from({ length: 60 }, (_, minute) => {
    const wave = 40 + 8 * Math.sin(minute / 5) + 4 * Math.sin(minute * 1.7);
    const rise = minute < 48 ? 0 : ((minute - 47) / 12) * 58;
    return Math.round((wave + rise) * 10) / 10;
  });
}
