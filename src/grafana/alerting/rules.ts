/** Alert rules for evaluation by Grafana or Prometheus. healthd's own rules are in `src/alerts/`. */
import { CPU_BUSY } from '../dashboards/lines.ts';
import type { Line } from '../definition.ts';

interface RuleBase {
  readonly name: string;
  readonly title: string;
  /** Shared by the levels of one check: a higher one inhibits the lower. */
  readonly check: string;
  readonly severity: 'warning' | 'critical';
  /** Minutes for which the condition must hold. */
  readonly minutes: number;
  /** Follows the host name, and the path if there is one. */
  readonly problem: string;
}

/** Fires if a value is above a limit. */
export interface LimitRule extends RuleBase {
  readonly type: 'limit';
  readonly line: Line;
  readonly above: number;
}

/** Fires for a host that reported within the last day but stopped. */
export interface AbsenceRule extends RuleBase {
  readonly type: 'absence';
  readonly field: string;
}

export type AlertRule = LimitRule | AbsenceRule;

const DISK: Line = { field: 'disk.used_percent', reduce: 'last', by: ['host', 'path'] };

export const alertRules: readonly AlertRule[] = [
  {
    type: 'limit',
    name: 'cpu-busy',
    title: 'High CPU usage',
    check: 'cpu',
    severity: 'warning',
    line: CPU_BUSY,
    above: 90,
    minutes: 15,
    problem: 'has a CPU usage above 90 %',
  },
  {
    type: 'limit',
    name: 'memory-full',
    title: 'High memory usage',
    check: 'memory',
    severity: 'warning',
    line: { field: 'mem.used_percent' },
    above: 90,
    minutes: 10,
    problem: 'has a memory usage above 90 %',
  },
  {
    type: 'limit',
    name: 'disk-filling',
    title: 'Disk is filling up',
    check: 'disk',
    severity: 'warning',
    line: DISK,
    above: 85,
    minutes: 15,
    problem: 'is more than 85 % full',
  },
  {
    type: 'limit',
    name: 'disk-full',
    title: 'Disk is almost full',
    check: 'disk',
    severity: 'critical',
    line: DISK,
    above: 95,
    minutes: 5,
    problem: 'is more than 95 % full',
  },
  {
    type: 'absence',
    name: 'host-silent',
    title: 'Host stopped reporting',
    check: 'silence',
    severity: 'critical',
    field: 'system.uptime',
    minutes: 5,
    problem: 'has reported nothing for 5 minutes',
  },
];

/** Tags that identify an alert of the rule. */
export function identityOf(rule: AlertRule): readonly string[] {
  return rule.type === 'limit' ? (rule.line.by ?? ['host']) : ['host'];
}
