/** The alerts of the story, with their history, and what readers do about them. */
import type { ListedAlert } from '../../../src/alerts/control.ts';
import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import { whyOf } from '../../../src/alerts/why/why.ts';
import type { WhyAnswer } from '../../../src/api/why.ts';
import type { AuditEntry } from '../../../src/plugin/index.ts';
import type { AlertHistoryAnswer, ListedAlertInfo, SilencesAnswer } from '../../../src/api/alerts.ts';

import { MINUTE, STORY_NOW } from './story.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FIRED = STORY_NOW - 15 * MINUTE;

type Alert = ListedAlertInfo['alert'];
type Entry = AlertHistoryAnswer['entries'][number];

export interface AlertState {
  alerts: readonly ListedAlertInfo[];
  entries: readonly Entry[];
  silences: SilencesAnswer['silences'];
}

const COMMON = {
  host: 'db-fra1-07',
  status: 'firing',
  previousLevel: 'ok',
  labels: {},
  context: [],
  silenced: false,
  flapping: false,
} as const;

const alert = (
  own: Partial<Alert> & Pick<Alert, 'fingerprint' | 'rule' | 'summary' | 'level' | 'startsAt'>,
): Alert => ({
  ...COMMON,
  context: [],
  unit: '',
  tags: {},
  ...own,
});

export function storyAlerts(): AlertState {
  return {
    alerts: [
      {
        state: 'firing',
        suppressed: [],
        alert: alert({
          fingerprint: '41a7',
          rule: 'cpu_iowait',
          level: 'critical',
          summary: 'Processes wait for disk nvme1n1: 64 % of CPU time, limit 60 %',
          startsAt: FIRED,
          value: 64.1,
          firedValue: 61.2,
          unit: 'percent',
          threshold: 60,
          clear: 40,
          direction: 'above',
          tags: { name: 'nvme1n1' },
          description: 'Backups may wait until the morning: systemctl stop backup.service',
          runbook: 'https://wiki.example.org/runbooks/iowait',
          context: [
            {
              kind: 'source',
              title: 'Log then',
              columns: ['Line'],
              rows: [
                ['03:05:00 systemd Started backup.service - nightly backup to s3.'],
                ['03:09:02 kernel nvme1n1: 31 requests wait longer than 1 s'],
              ],
            },
          ],
        }),
      },
      {
        state: 'firing',
        suppressed: [],
        alert: alert({
          fingerprint: '52b8',
          rule: 'oom',
          level: 'critical',
          summary: 'The kernel killed postgres (pid 48213, 6.8 GiB) for want of memory',
          startsAt: STORY_NOW - 10 * MINUTE,
        }),
      },
      {
        state: 'pending',
        firesAfter: 10 * MINUTE,
        suppressed: [],
        alert: alert({
          fingerprint: '77dd',
          rule: 'temp_high',
          level: 'warning',
          summary: 'nvme1n1 at 66 °C',
          startsAt: STORY_NOW - 6 * MINUTE,
          value: 66.2,
          unit: 'celsius',
          threshold: 65,
          direction: 'above',
          tags: { sensor: 'nvme1n1' },
        }),
      },
      {
        state: 'firing',
        suppressed: ['acknowledged by mk'],
        alert: alert({
          fingerprint: '63c9',
          rule: 'disk_full',
          level: 'warning',
          summary: '/var will be full in about 9 h, at the pace of the last 6 h',
          startsAt: STORY_NOW - 6 * HOUR - 4 * MINUTE,
          value: 91,
          unit: 'percent',
          threshold: 85,
          clear: 80,
          direction: 'above',
          tags: { path: '/var' },
          ack: { by: 'mk', comment: 'ordered a larger disk', at: STORY_NOW - 5 * HOUR },
        }),
      },
      {
        state: 'firing',
        suppressed: ['silenced by jh until Mon 08:00: ntp moves'],
        alert: alert({
          fingerprint: '88ee',
          rule: 'clock_offset',
          level: 'warning',
          summary: 'The clock is 1.4 s behind',
          startsAt: STORY_NOW - 26 * HOUR,
          value: 1400,
          unit: 'ms',
          threshold: 1000,
          direction: 'above',
          silenced: true,
          trend: {
            since: STORY_NOW - HOUR,
            until: STORY_NOW,
            values: Array.from({ length: 60 }, (_, index) => 1300 + 100 * Math.sin(index / 6)),
          },
        }),
      },
    ],
    entries: storyEntries(),
    silences: [
      {
        id: 's1',
        match: { rule: 'clock_offset', host: 'db-fra1-07' },
        until: STORY_NOW + 30 * HOUR,
        comment: 'ntp moves',
        by: 'jh',
        state: 'active',
        isConfigured: false,
      },
    ],
  };
}

function storyEntries(): readonly Entry[] {
  const of = { fingerprint: '41a7', rule: 'cpu_iowait', host: 'db-fra1-07' };
  const level = { level: 'critical', previousLevel: 'ok', summary: 'I/O wait is 61.2 %, limit 60 %' };
  const over = [
    { fingerprint: 'a001', rule: 'load_high', summary: 'Load 18.2 on 16 cores', ago: DAY, lasted: 22 * MINUTE },
    { fingerprint: 'a002', rule: 'temp_high', summary: 'nvme1n1 at 76 °C', ago: DAY + 11 * MINUTE, lasted: 9 * MINUTE },
    { fingerprint: 'a003', rule: 'net_drops', summary: 'Packets dropped on eth0', ago: 35 * HOUR, lasted: HOUR },
    { fingerprint: 'a004', rule: 'unhealthy', summary: 'orders-api unhealthy', ago: 64 * HOUR, lasted: 48_000 },
    ...Array.from({ length: 24 }, (_, index) => ({
      fingerprint: `b${index}`,
      rule: 'load_high',
      summary: `Load ${(17 + index / 10).toFixed(1)} on 16 cores`,
      ago: (4 + index * 1.7 + (index % 5)) * DAY,
      lasted: (5 + index) * MINUTE,
    })),
  ];
  return [
    ...over.flatMap(({ fingerprint, rule, summary, ago, lasted }): readonly Entry[] => {
      const [endsAt, startsAt] = [STORY_NOW - ago, STORY_NOW - ago - lasted];
      const detail = { level: 'warning', summary, startsAt, tags: {} };
      const about = { fingerprint, rule, host: 'db-fra1-07' };
      return [
        { at: startsAt, kind: 'transition', reason: 'fired', ...about, detail },
        { at: endsAt, kind: 'transition', reason: 'resolved', ...about, detail: { ...detail, endsAt } },
      ];
    }),
    { at: FIRED, kind: 'transition', reason: 'fired', ...of, detail: { ...level, startsAt: FIRED } },
    { at: FIRED, kind: 'notification', reason: 'first', receiver: 'pagerduty', ...of },
    {
      at: FIRED + 400,
      kind: 'attempt',
      reason: 'delivered',
      receiver: 'pagerduty',
      ...of,
      detail: { ms: 412, because: 'first' },
    },
    { at: FIRED, kind: 'notification', reason: 'first', receiver: 'slack-ops', ...of },
    {
      at: FIRED + 900,
      kind: 'attempt',
      reason: 'failed',
      receiver: 'slack-ops',
      ...of,
      detail: { ms: 900, error: 'hooks.slack.com answered 503: upstream connect error', because: 'first' },
    },
    {
      at: FIRED + 9000,
      kind: 'attempt',
      reason: 'delivered',
      receiver: 'slack-ops',
      ...of,
      detail: { ms: 210, because: 'first' },
    },
    { at: FIRED, kind: 'suppressed', reason: 'below the level critical of the night', receiver: 'mail-lead', ...of },
  ];
}

export function alertHistory({ entries }: AlertState, query: URLSearchParams): AlertHistoryAnswer {
  const kinds = query.get('kinds')?.split(',');
  const fingerprint = query.get('fingerprint');
  return {
    entries: entries
      .filter((entry) => kinds === undefined || kinds.includes(entry.kind))
      .filter((entry) => fingerprint === null || entry.fingerprint === fingerprint)
      .slice(0, Number(query.get('limit') ?? 100)),
  };
}

/** By the function of the agent. @returns undefined for another path, and for an alert of which nothing is known */
export function alertWhy({ alerts, entries }: AlertState, path: string, now: number): WhyAnswer | undefined {
  const fingerprint = /^alerts\/([^/]+)\/why$/.exec(path)?.[1];
  if (fingerprint === undefined) return undefined;
  const store = memoryAlertStore();
  for (const entry of entries.toSorted((a, b) => a.at - b.at)) store.audit(entry as AuditEntry);
  const listed = alerts.find(({ alert }) => alert.fingerprint === fingerprint) as ListedAlert | undefined;
  return whyOf(
    { fingerprint, listed, ofHub: undefined, limit: 200 },
    {
      store,
      hop: { role: 'agent', name: 'db-fra1-07' },
      silences: [],
      standings: () => [],
      fact: undefined,
      isWithHub: false,
      hasNotifiers: true,
      now,
      elapsed: 0,
    },
  );
}

/** @returns the answer; undefined for a path that is none of these */
export function actOnAlerts(
  state: AlertState,
  path: string,
  body: Readonly<Record<string, unknown>>,
  now: number,
): unknown {
  const [what, id, act] = path.split('/').map(decodeURIComponent);
  const by = String(body['by']);
  if (what === 'acks') {
    const fingerprint = id ?? String(body['fingerprint']);
    const ack = act === 'withdraw' ? undefined : { by, comment: String(body['comment']), at: now };
    state.alerts = state.alerts.map((listed) => {
      if (listed.alert.fingerprint !== fingerprint) return listed;
      const { ack: _, ...rest } = listed.alert;
      return { ...listed, alert: { ...rest, ...(ack && { ack }) }, suppressed: ack ? [`acknowledged by ${by}`] : [] };
    });
    return {};
  }
  if (what === 'silences' && act === 'expire') {
    state.silences = state.silences.map((one) => (one.id === id ? { ...one, state: 'expired' } : one));
    return {};
  }
  if (what === 'silences') {
    const silence = {
      id: `s${state.silences.length + 1}`,
      match: body['match'] as Record<string, string>,
      until: Number(body['until']),
      comment: String(body['comment']),
      by,
      state: 'active' as const,
      isConfigured: false,
    };
    state.silences = [...state.silences, silence];
    return silence;
  }
  return undefined;
}
