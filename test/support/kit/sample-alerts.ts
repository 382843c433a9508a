/** Test notifications, with and without hostile contents. */
import { testNotifications } from '../../../src/alerts/test-notifications.ts';
import type { AlertView, Notification } from '../../../src/plugin/notification.ts';

/** Markup of every channel. */
export const HOSTILE =
  '<!channel> <@U123> *b* _i_ `c` <script>alert(1)</script> & "q" \r\nBcc: x@evil.example [a](http://evil) 🦄漢';

const NOW = 1_790_000_000_000;

export function firing(changes: Partial<Notification> = {}): Notification {
  const [notification] = testNotifications({ receiver: 'ops', host: 'server01', now: NOW, id: '0123456789abcdef', timeZone: 'UTC' });
  return { ...notification, reason: 'first', ...changes };
}

export function resolved(changes: Partial<Notification> = {}): Notification {
  const [, notification] = testNotifications({ receiver: 'ops', host: 'server01', now: NOW, id: '0123456789abcdef', timeZone: 'UTC' });
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
