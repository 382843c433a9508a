import type { MetricCatalog } from '../../plugin/index.ts';

export const metrics = {
  healthd_alert: {
    help: 'One series for each alert that is pending, firing or recovering. Further tags are those of the alert, such as path or interface',
    tags: { rule: 'Id of the rule', level: 'info, warning or critical', host: 'Whom it is about' },
    fields: {
      firing: { type: 'int', help: '1 while it fires or recovers; 0 while it is pending, and once when it has ended' },
      value: { type: 'float', help: 'The value that is judged, in the unit of the rule' },
      threshold: { type: 'float', help: 'The limit of the level' },
      active_s: { type: 'int', unit: 's', help: 'How long it has been so' },
      state: { type: 'string', help: 'pending, firing, recovering, or ok when it has ended' },
      summary: { type: 'string', help: 'What people are told' },
    },
  },
  healthd_alert_event: {
    help: 'One point for each entry of the audit log of alerts, when it happens',
    tags: {
      kind: 'transition, notification, suppressed, attempt, silence, ack or agent',
      reason: 'What happened: fired, resolved, delivered, failed, …',
      rule: 'Id of the rule',
      level: 'info, warning or critical; of transitions',
      host: 'Whom it is about',
      receiver: 'The notifier',
    },
    fields: {
      message: { type: 'string', help: 'The entry in words' },
      severity_code: { type: 'int', help: 'Severity as in syslog: 2 critical to 6 informational' },
      fingerprint: { type: 'string', help: 'The id of the alert' },
      by: { type: 'string', help: 'Who did it, for what people do' },
      details: { type: 'string', help: 'Everything else that the entry has, as JSON' },
      count: { type: 'int', unit: 'events', help: 'Always 1, to be summed' },
    },
  },
} as const satisfies MetricCatalog;
