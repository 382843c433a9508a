/** The document that Alertmanager's webhook receivers know: version 4, with everything as text. */
import { formatValue, type AlertView, type Notification, type Tags } from '../../plugin.ts';

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
    labels: labelsOf(alert),
    annotations: annotationsOf(alert),
    startsAt: new Date(alert.startsAt).toISOString(),
    endsAt: alert.endsAt === undefined ? NOT_ENDED : new Date(alert.endsAt).toISOString(),
    generatorURL: '',
    fingerprint: alert.fingerprint,
  };
}

function labelsOf({ rule, level, host, tags, labels }: AlertView): Tags {
  return { ...labels, ...tags, alertname: rule, severity: level, instance: host, job: 'healthd' };
}

function annotationsOf({ summary, description, runbook, value, threshold, unit, detail }: AlertView): Tags {
  const all = {
    summary,
    description,
    runbook_url: runbook,
    value: value === undefined ? undefined : formatValue(value, unit),
    threshold: threshold === undefined ? undefined : formatValue(threshold, unit),
    detail,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** What all have alike. */
function common(maps: readonly Tags[]): Tags {
  const [first = {}, ...others] = maps;
  return Object.fromEntries(Object.entries(first).filter(([key, value]) => others.every((map) => map[key] === value)));
}
