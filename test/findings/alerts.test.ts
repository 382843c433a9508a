import { expect, test } from '@jest/globals';

import type { ListedAlert, ListedSilence } from '../../src/alerts/control.ts';
import { firingAlerts } from '../../src/findings/checks/alerts.ts';
import type { AlertView } from '../../src/plugin/notification.ts';

import { textOf } from './text.ts';

const VIEW: AlertView = {
  fingerprint: '0123456789abcdef',
  rule: 'disk_full',
  host: 'web1',
  status: 'firing',
  level: 'critical',
  previousLevel: 'warning',
  summary: 'Disk /var on web1 is 96 % full',
  description: undefined,
  runbook: undefined,
  value: 97,
  firedValue: 96,
  silentSince: undefined,
  unit: 'percent',
  threshold: 95,
  clear: 90,
  direction: 'above',
  startsAt: 1000,
  endsAt: undefined,
  tags: { host: 'web1', path: '/var' },
  labels: {},
  trend: undefined,
  context: [],
  ack: undefined,
  silenced: false,
  flapping: false,
  detail: undefined,
};

function listed(parts: Partial<AlertView> = {}, rest: Partial<ListedAlert> = {}): ListedAlert {
  return { alert: { ...VIEW, ...parts }, state: 'firing', suppressed: [], ...rest };
}

const found = (
  parts: Partial<AlertView> = {},
  rest: Partial<ListedAlert> = {},
  silences: readonly ListedSilence[] = [],
) => firingAlerts([listed(parts, rest)], silences);

test('the sentence is the summary, names stand out, the evidence has value and limit', () => {
  expect(found().map(textOf)).toEqual(['critical: Disk **/var** on **web1** is 96 % full. (now 97 %, limit 95 %)']);
  expect(found()[0]).toMatchObject({
    id: 'alert:0123456789abcdef',
    since: 1000,
    alert: { fingerprint: '0123456789abcdef', rule: 'disk_full' },
  });
});

test.each([
  ['Disk /var/log on web1 is full', { path: '/var', host: 'web1' }, 'Disk /var/log on **web1** is full.'],
  ['Disk /var/log is full', { a: '/var', path: '/var/log' }, 'Disk **/var/log** is full.'],
  ['CPU of a.b (x) is busy', { name: 'a.b', other: '(x)' }, 'CPU of **a.b** **(x)** is busy.'],
  ['Nothing to name!', { cpu: 'o' }, 'Nothing to name.'],
  ['disk1 and disk10', { name: 'disk1' }, '**disk1** and disk10.'],
  ['', {}, '.'],
])('names in %s', (summary, tags: Readonly<Record<string, string>>, sentence) => {
  expect(found({ summary, tags, host: '', value: undefined }).map(textOf)).toEqual([`critical: ${sentence}`]);
});

test('levels: info is a note, missing data is unknown', () => {
  expect(found({ level: 'info' })[0]?.level).toBe('note');
  expect(found({ level: 'warning' })[0]?.level).toBe('warning');
  expect(found({ detail: 'no_data', value: undefined })[0]?.level).toBe('unknown');
});

test('pending alerts are no findings, recovering ones are', () => {
  expect(found({}, { state: 'pending' })).toEqual([]);
  expect(textOf(found({}, { state: 'recovering' })[0] ?? fail())).toContain('recovering');
});

test('who used most when it fired, and by what to sort', () => {
  const context = [
    { kind: 'host', title: 'Host', columns: [], rows: [] },
    { kind: 'top_memory', title: 'Top', columns: ['Process', 'Memory'], rows: [['postgres', '6.8 GiB']] },
  ] as const;
  const [first] = found({ context });
  expect(first?.evidence).toBe('now 97 %, limit 95 % · postgres used most memory when it fired: 6.8 GiB');
  expect(first?.sort).toBe('memory');
});

test('who has acknowledged it', () => {
  const [first] = found({ ack: { by: 'mk', comment: 'on it', at: 1 } });
  expect(first?.evidence).toBe('now 97 %, limit 95 % · acknowledged by mk: on it');
  expect(first?.alert?.acknowledgedBy).toBe('mk');
});

test('until when it is silenced, where a silence names it in plain text', () => {
  const silence = (match: ListedSilence['match'], until: number, state: ListedSilence['state'] = 'active') => ({
    ...{ match, until, state, id: 'x', comment: '', by: 'mk', isConfigured: false },
  });
  const of = (...silences: readonly ListedSilence[]) =>
    found({ silenced: true }, { suppressed: ['silenced by mk: backup'] }, silences)[0];
  expect(of(silence({ path: '/var' }, 5000), silence({ rule: ['x', 'disk_full'] }, 9000))?.alert?.silencedUntil).toBe(
    9000,
  );
  expect(of(silence({ path: '/var' }, 5000, 'expired'), silence({ path: '/*' }, 9000))?.alert?.silencedUntil).toBe(
    undefined,
  );
  expect(of()?.evidence).toBe('now 97 %, limit 95 % · silenced by mk: backup');
});

function fail(): never {
  throw new Error('no finding');
}
