/** Notifications as an agent makes them: one alert, its end, and a group of 14. */
import { createHash } from 'node:crypto';

const MINUTE = 60_000;
const NOW = Date.parse('2026-03-02T02:14:05Z');
const FIRED = NOW - 40_000;
const PAGE = 'https://healthd.example.org';

const trend = Array.from({ length: 60 }, (_, minute) => {
  const wave = 41 + 7 * Math.sin(minute / 5) + 4 * Math.sin(minute * 1.7);
  return wave + (minute < 46 ? 0 : (minute - 45) * 4.44);
});

const cpu = alert({
  rule: 'cpu_high',
  host: 'web01',
  level: 'warning',
  summary: 'High CPU usage on web01: 97.4 %',
  value: 97.4,
  threshold: 90,
  trend: { since: FIRED - 60 * MINUTE, until: FIRED, values: trend },
  runbook: 'https://wiki.example.org/cpu',
  context: [
    table(
      'host',
      'web01 when the alert fired',
      ['What', 'Used'],
      [
        ['CPU Usage', '97 %'],
        ['Memory Usage', '78 %'],
        ['Disk Usage', '65 % (/)'],
      ],
    ),
    table(
      'top_cpu',
      'Top processes by CPU',
      ['Process', 'CPU'],
      [
        ['java', '312 %'],
        ['postgres', '41 %'],
        ['node', '9 %'],
      ],
    ),
  ],
});

const container = alert({
  rule: 'docker_down',
  host: 'web01',
  level: 'critical',
  summary: 'Container api on web01 has failed',
  unit: '',
  tags: { container_name: 'api' },
  context: [
    table(
      'source',
      'Container api',
      ['What', 'Value'],
      [
        ['Exit code', '137 (SIGKILL), out of memory'],
        ['State', 'exited 2 s ago'],
        ['Image', 'registry.example.org/api:1.42'],
        ['Restarts', '3'],
      ],
    ),
    table(
      'source',
      'Last lines of its log',
      ['Line'],
      [
        ['02:14:01 INFO  order 81236 accepted'],
        ['02:14:02 WARN  heap 498 MiB of 512 MiB'],
        ['02:14:03 ERROR java.lang.OutOfMemoryError: Java heap space'],
      ],
    ),
  ],
});

const disk = (host, level, value, changes = {}) =>
  alert({
    rule: 'disk_space',
    host,
    level,
    summary: `Disk /var on ${host} is ${value} % full`,
    value,
    threshold: level === 'critical' ? 95 : 85,
    tags: { path: '/var' },
    runbook: 'https://wiki.example.org/disks',
    ...changes,
  });

const ended = (host) =>
  disk(host, 'critical', 62, {
    status: 'resolved',
    summary: `Disk /var on ${host} is 97 % full`,
    firedValue: 97,
    startsAt: NOW - 42 * MINUTE,
    endsAt: NOW - 20_000,
    change: { id: '0', kind: 'ended' },
  });

const group = [
  ...['web01', 'web02', 'web03', 'web04'].map((host, index) => disk(host, 'critical', 99 - index)),
  disk('web05', 'critical', 96, { previousLevel: 'warning', firedValue: 88, change: { id: '0', kind: 'worse' } }),
  ...['web06', 'web07', 'db-primary-eu-central-1', 'db02', 'db03'].map((host, index) =>
    disk(host, 'warning', 93 - index),
  ),
  disk('cache01', 'warning', 91, { previousLevel: 'critical', firedValue: 97, change: { id: '0', kind: 'better' } }),
  ...['build01', 'build02', 'build03'].map(ended),
];

export const scenes = {
  one: notification([cpu], { id: 'one', reason: 'first' }),
  end: notification(
    [
      {
        ...cpu,
        status: 'resolved',
        value: 38.2,
        endsAt: NOW - 10_000,
        trend: { ...cpu.trend, values: [...trend.slice(18), ...trend.slice(0, 18)] },
        startsAt: NOW - 42 * MINUTE,
        change: { id: '0', kind: 'ended' },
      },
    ],
    { id: 'end', reason: 'all_resolved' },
  ),
  group: notification(group, { id: 'group', reason: 'level_up', groupTags: {} }),
  container: notification([container], { id: 'container', reason: 'first' }),
};

function alert({ host, tags = {}, value, ...given }) {
  const fingerprint = createHash('sha256').update(`${given.rule} ${host}`).digest('hex').slice(0, 16);
  return {
    fingerprint,
    host,
    status: 'firing',
    previousLevel: 'ok',
    description: undefined,
    runbook: undefined,
    value,
    firedValue: value,
    silentSince: undefined,
    unit: 'percent',
    threshold: undefined,
    clear: undefined,
    direction: 'above',
    startsAt: FIRED,
    endsAt: undefined,
    labels: {},
    trend: undefined,
    context: [],
    ack: undefined,
    silenced: false,
    flapping: false,
    detail: undefined,
    url: `${PAGE}/alerts/${fingerprint}`,
    change: { id: '0', kind: 'fired' },
    ...given,
    tags: { host, ...tags },
  };
}

function notification(alerts, given) {
  const resolved = alerts.filter(({ status }) => status === 'resolved').length;
  const levels = alerts.filter(({ status }) => status === 'firing').map(({ level }) => level);
  return {
    receiver: 'ops',
    status: resolved === alerts.length ? 'resolved' : 'firing',
    level: levels.includes('critical') ? 'critical' : 'warning',
    groupKey: 'default:{}',
    groupTags: { host: 'web01' },
    alerts,
    truncated: 0,
    unchanged: 0,
    counts: { firing: alerts.length - resolved, resolved },
    thread: 'scene',
    reminder: 0,
    time: NOW,
    timeZone: 'Europe/Berlin',
    links: [],
    detail: 'full',
    ...given,
  };
}

function table(kind, title, columns, rows) {
  return { kind, title, columns, rows };
}
