/** The same alert rules for Prometheus, and a configuration for Alertmanager. */
import { queryOf, type Scope } from '../scope.ts';
import { selector, seriesText } from '../writers/promql.ts';

import { alertRules, identityOf, type AlertRule } from './rules.ts';

export function prometheusRules(scope: Scope) {
  return {
    groups: [{ name: 'healthd', interval: '1m', rules: alertRules.map((rule) => prometheusRule(scope, rule)) }],
  };
}

function prometheusRule(scope: Scope, rule: AlertRule) {
  const subject = identityOf(rule)
    .map((label) => `{{ $labels.${label} }}`)
    .join(' ');
  return {
    alert: `Healthd${rule.name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    expr: expression(scope, rule),
    // The absence expression already covers the duration.
    ...(rule.type === 'absence' ? {} : { for: `${rule.minutes}m` }),
    labels: { severity: rule.severity, check: rule.check },
    annotations: {
      summary: `${subject} ${rule.problem}`,
      ...(rule.type === 'absence' ? {} : { description: 'Now {{ $value | printf "%.1f" }} %' }),
    },
  };
}

function expression(scope: Scope, rule: AlertRule): string {
  if (rule.type === 'limit') return `${seriesText(queryOf(scope, rule.line))} > ${rule.above}`;
  const series = selector(queryOf(scope, { field: rule.field }));
  const reported = (period: string) => `count by (host) (last_over_time(${series}[${period}]))`;
  return `${reported('1d')} unless ${reported(`${rule.minutes}m`)}`;
}

/** Alertmanager expands no environment variables: addresses are examples, and the password is in a file. */
export function alertmanagerConfiguration() {
  return {
    global: {
      smtp_smarthost: 'smtp.example.com:587',
      smtp_from: 'healthd@example.com',
      smtp_auth_username: 'healthd',
      smtp_auth_password_file: '/etc/alertmanager/smtp-password',
    },
    route: {
      receiver: 'mail',
      group_by: ['host', 'check'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '12h',
      routes: [{ receiver: 'mail', matchers: ['severity="critical"'], repeat_interval: '1h' }],
    },
    receivers: [{ name: 'mail', email_configs: [{ to: 'ops@example.com', send_resolved: true }] }],
    inhibit_rules: [
      {
        source_matchers: ['severity="critical"'],
        target_matchers: ['severity="warning"'],
        equal: ['host', 'check', 'path'],
      },
      // Other alerts of a host that stopped reporting are stale.
      { source_matchers: ['check="silence"'], target_matchers: ['check!="silence"'], equal: ['host'] },
    ],
  };
}
