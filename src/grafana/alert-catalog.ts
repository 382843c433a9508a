/** What healthd reports of its own alerts. */
import type { MetricCatalog } from '../plugin.ts';

export const alertCatalog = {
  healthd_alert: {
    help: 'One for each alert that is pending, firing or recovering',
    tags: { rule: 'Rule', level: 'info, warning or critical' },
    fields: {
      firing: { type: 'int', unit: '', help: '1 while it fires, 0 before and at its end' },
      value: { type: 'float', help: 'What was measured' },
      threshold: { type: 'float', help: 'The limit that counts' },
      active_s: { type: 'int', unit: 's', help: 'Since it began' },
      state: { type: 'string', help: 'pending, firing or recovering' },
      summary: { type: 'string', help: 'In one sentence' },
    },
  },
  healthd_alert_event: {
    help: 'One for each thing that happened to alerts',
    tags: {
      rule: 'Rule',
      level: 'info, warning or critical',
      kind: 'transition, notification, suppressed, attempt, silence, ack or agent',
      reason: 'fired, level_up, level_down, resolved, …',
      receiver: 'Who was told',
    },
    fields: {
      message: { type: 'string', help: 'What happened' },
      severity_code: { type: 'int', help: 'Severity of syslog' },
      fingerprint: { type: 'string', help: 'Identity of the alert' },
      by: { type: 'string', help: 'Who did it' },
      details: { type: 'string', help: 'JSON' },
      count: { type: 'int', unit: 'events', help: '1' },
    },
  },
  healthd_log: {
    help: 'The log of the agent',
    tags: { level: 'error, warn, info or debug', source: 'The part that wrote it' },
    fields: {
      message: { type: 'string', help: 'What happened' },
      severity_code: { type: 'int', help: 'Severity of syslog' },
      details: { type: 'string', help: 'JSON' },
      count: { type: 'int', unit: 'lines', help: '1' },
    },
  },
} as const satisfies MetricCatalog;
