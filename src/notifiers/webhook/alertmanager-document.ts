/** The document that Alertmanager sends to webhook receivers: version 4, all values as strings. */
import { titleOf, type AlertView, type Notification, type Tags } from '../../plugin/index.ts';
import { alertAnnotations, alertLabels } from '../prometheus-alert.ts';

/** Go's zero time, which means "not resolved". */
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
    /** An extension with numeric values, which other receivers ignore. */
    healthd: {
      id: notification.id,
      level: notification.level,
      title: titleOf(notification),
      counts: notification.counts,
      changes: Object.fromEntries(notification.alerts.map(({ fingerprint, change }) => [fingerprint, change?.kind])),
      reminder: notification.reminder,
      time: notification.time,
      values: Object.fromEntries(
        notification.alerts.map(({ fingerprint, value, firedValue, threshold }) => [
          fingerprint,
          { value, fired_value: firedValue, threshold },
        ]),
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
    generatorURL: alert.url ?? '',
    fingerprint: alert.fingerprint,
  };
}

/** Entries with the same value in all maps. */
function common(maps: readonly Tags[]): Tags {
  const [first = {}, ...others] = maps;
  return Object.fromEntries(Object.entries(first).filter(([key, value]) => others.every((map) => map[key] === value)));
}
