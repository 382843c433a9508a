/** The document that Alertmanager's webhook receivers know: version 4, with everything as text. */
import type { AlertView, Notification, Tags } from '../../plugin/index.ts';
import { alertAnnotations, alertLabels } from '../prometheus-alert.ts';

/** Go's zero time, which receivers take for "has not ended". */
const NOT_ENDED = '0001-01-01T00:00:00Z';

export function alertmanagerDocument(notification: Notification) {
  const alerts = notification.alerts.map(alertOf);
  return {
    version: '4',
    groupKey: notification.groupKey,
    truncatedAlerts: notification.truncated,
    status: notification.status,
    receiver: notification.receiver,
    notification_reason: notification.reason,
    groupLabels: notification.groupTags,
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
    externalURL: notification.links[0]?.url ?? '',
    alerts,
    /** Numbers as numbers; receivers of Alertmanager's pass over it. */
    healthd: {
      id: notification.id,
      level: notification.level,
      reminder: notification.reminder,
      time: notification.time,
      values: Object.fromEntries(
        notification.alerts.map(({ fingerprint, value, threshold }) => [fingerprint, { value, threshold }]),
      ),
    },
  };
}

function alertOf(alert: AlertView) {
  return {
    status: alert.status,
    labels: alertLabels(alert),
    annotations: alertAnnotations(alert),
    startsAt: new Date(alert.startsAt).toISOString(),
    endsAt: alert.endsAt === undefined ? NOT_ENDED : new Date(alert.endsAt).toISOString(),
    generatorURL: '',
    fingerprint: alert.fingerprint,
  };
}

/** What all have alike. */
function common(maps: readonly Tags[]): Tags {
  const [first = {}, ...others] = maps;
  return Object.fromEntries(Object.entries(first).filter(([key, value]) => others.every((map) => map[key] === value)));
}
