import type { MetricCatalog } from '../../plugin/index.ts';

export const metrics = {
  healthd_alert: {
    help: 'One series per pending, firing or recovering alert',
    tags: {
      rule: 'ID of the rule',
      level: 'info, warning or critical',
      host: 'Host of the alert',
      '*': 'Tags of the alert, such as path or interface',
    },
    fields: {
      firing: { type: 'int', help: '1 while firing or recovering; 0 while pending, and once when it has ended' },
      value: { type: 'float', help: 'Evaluated value, in the unit of the rule' },
      threshold: { type: 'float', help: 'Threshold of the level' },
      active_s: { type: 'int', unit: 's', help: 'Time since the alert became active' },
      state: { type: 'string', help: 'pending, firing, recovering, or ok when it has ended' },
      summary: { type: 'string', help: 'Text sent in notifications' },
    },
  },
  healthd_alert_event: {
    help: 'One point per audit log entry, at the time of the event',
    tags: {
      kind: 'transition, notification, suppressed, attempt, silence, ack or agent',
      reason: 'What happened: fired, resolved, delivered, failed, …',
      rule: 'ID of the rule',
      level: 'info, warning or critical (transitions only)',
      host: 'Host of the alert',
      receiver: 'Name of the notifier',
    },
    fields: {
      message: { type: 'string', help: 'Readable text of the entry' },
      severity_code: { type: 'int', help: 'Severity as in syslog: 2 critical to 6 informational' },
      fingerprint: { type: 'string', help: 'Fingerprint of the alert' },
      by: { type: 'string', help: 'User who silenced or acknowledged' },
      details: { type: 'string', help: 'All other data of the entry, as JSON' },
      count: { type: 'int', unit: 'events', help: 'Always 1, for sums' },
    },
  },
} as const satisfies MetricCatalog;
