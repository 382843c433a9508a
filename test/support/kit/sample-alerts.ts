/** Test notifications, with and without hostile contents. */
import { createHash } from 'node:crypto';

import { testNotifications } from '../../../src/alerts/test-notifications.ts';
import type { AlertView, Notification } from '../../../src/plugin/notification.ts';

/** Markup of every channel. */
export const HOSTILE =
  '<!channel> <@U123> *b* _i_ `c` <script>alert(1)</script> & "q" \r\nBcc: x@evil.example [a](http://evil) 🦄漢';

export const NOW = 1_790_000_000_000;

export function firing(changes: Partial<Notification> = {}): Notification {
  const [notification] = testNotifications({
    receiver: 'ops',
    host: 'server01',
    now: NOW,
    id: '0123456789abcdef',
    timeZone: 'UTC',
  });
  return { ...notification, reason: 'first', ...changes };
}

export function resolved(changes: Partial<Notification> = {}): Notification {
  const [, notification] = testNotifications({
    receiver: 'ops',
    host: 'server01',
    now: NOW,
    id: '0123456789abcdef',
    timeZone: 'UTC',
  });
  return { ...notification, reason: 'all_resolved', ...changes };
}

export function hostile(): Notification {
  const alert: AlertView = {
    ...firstAlert(),
    summary: HOSTILE,
    description: HOSTILE,
    host: HOSTILE,
    tags: { host: HOSTILE, path: HOSTILE },
    labels: { team: HOSTILE },
    context: [{ kind: 'top_cpu', title: 'Top', columns: ['Process', 'CPU'], rows: [[HOSTILE, '1 %']] }],
    ack: { by: HOSTILE, comment: HOSTILE, at: 0 },
  };
  return firing({ alerts: [alert], groupTags: { host: HOSTILE } });
}

/** @param count of alerts, each with long texts */
export function many(count: number): Notification {
  const long = '漢🦄'.repeat(100);
  const alerts = Array.from({ length: count }, (_, index) => ({
    ...firstAlert(),
    fingerprint: String(index).padStart(16, '0'),
    summary: `${index} ${long}`,
    description: long,
  }));
  return firing({ alerts, truncated: 90 });
}

export function firstAlert(): AlertView {
  const [alert] = firing().alerts;
  if (alert === undefined) throw new Error('The sample has no alert');
  return alert;
}

/** An alert of a disk; what fires is critical. */
export function diskAlert(host: string, changes: Partial<AlertView> = {}): AlertView {
  const value = changes.value ?? 97;
  return {
    ...firstAlert(),
    fingerprint: createHash('sha256').update(host).digest('hex').slice(0, 16),
    rule: 'disk_space',
    host,
    level: 'critical',
    summary: `Disk /var on ${host} is ${value} % full`,
    description: undefined,
    runbook: 'https://wiki.example.org/disks',
    value,
    firedValue: 97,
    threshold: 95,
    clear: 90,
    tags: { host, path: '/var' },
    trend: undefined,
    context: [],
    change: { id: '0'.repeat(32), kind: 'fired' },
    ...changes,
  };
}

/** The end of it: fired at 97 %, now at 62 %. */
export function endedDisk(host: string, changes: Partial<AlertView> = {}): AlertView {
  return diskAlert(host, {
    status: 'resolved',
    previousLevel: 'critical',
    summary: `Disk /var on ${host} is 97 % full`,
    value: 62,
    endsAt: NOW,
    change: { id: '1'.repeat(32), kind: 'ended' },
    ...changes,
  });
}

/** @param changes counts are those of the alerts, unless given */
export function notificationOf(alerts: readonly AlertView[], changes: Partial<Notification> = {}): Notification {
  const resolved = alerts.filter(({ status }) => status === 'resolved').length;
  const { unchanged = 0 } = changes;
  return firing({
    alerts,
    time: NOW,
    level: 'critical',
    status: resolved === alerts.length ? 'resolved' : 'firing',
    reason: 'new_alerts',
    counts: { firing: alerts.length - resolved + unchanged, resolved },
    groupKey: 'all:{}',
    groupTags: {},
    ...changes,
  });
}

/** So many hosts with a full disk, with links. */
export function storm(count: number, alertOf: (host: string) => AlertView = diskAlert): Notification {
  const alerts = Array.from({ length: count }, (_, index) => {
    const alert = alertOf(`web${String(index + 1).padStart(2, '0')}`);
    return { ...alert, url: `https://healthd.example.org/alerts/${alert.fingerprint}` };
  });
  return notificationOf(alerts, { links: [{ title: 'Open healthd', url: 'https://healthd.example.org' }] });
}

/** Markup of every channel in every text, four kilobytes long. */
export function hostileDisk(host: string): AlertView {
  const path = `${HOSTILE}\u001b[31m\u202e${'👩‍👩‍👧‍👦"\\'.repeat(150)}`;
  return diskAlert(`${host}${path}`, {
    summary: `Disk ${path} on ${host}${path} is 97 % full`,
    description: path,
    tags: { host: `${host}${path}`, path, [path]: path },
    labels: { [path]: path },
    ack: { by: path, comment: path, at: 0 },
    detail: path,
    trend: { since: 0, until: 3_600_000, values: [1, null, 97] },
    context: [
      {
        kind: 'top_cpu',
        title: path,
        columns: ['Process', 'CPU'],
        rows: Array.from({ length: 3 }, () => [path, path]),
      },
      { kind: 'source', title: path, columns: ['Log'], rows: [[path]] },
    ],
  });
}
