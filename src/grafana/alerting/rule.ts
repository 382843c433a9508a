/** Alert rules for those who want Grafana or Prometheus to judge. The rules of healthd itself are `src/alerts/`. */
import { CPU_BUSY } from '../dashboards/parts.ts';
import type { Line } from '../definition.ts';

interface RuleBase {
  readonly name: string;
  readonly title: string;
  /** One of several levels silences those below it: they share what is checked. */
  readonly check: string;
  readonly severity: 'warning' | 'critical';
  /** For how long it must hold, in minutes. */
  readonly minutes: number;
  /** Follows the host's name, and the path where there is one. */
  readonly problem: string;
}

/** A value that is too high. */
export interface LimitRule extends RuleBase {
  readonly type: 'limit';
  readonly line: Line;
  readonly above: number;
}

/** A host that reported within a day and does no more. */
export interface SilenceRule extends RuleBase {
  readonly type: 'silence';
  readonly field: string;
}

export type AlertRule = LimitRule | SilenceRule;

const DISK: Line = { field: 'disk.used_percent', reduce: 'last', by: ['host', 'path'] };

export const alertRules: readonly AlertRule[] = [
  {
    type: 'limit',
    name: 'cpu-busy',
    title: 'CPU is busy',
    check: 'cpu',
    severity: 'warning',
    line: CPU_BUSY,
    above: 90,
    minutes: 15,
    problem: 'uses its CPUs to more than 90 %',
  },
  {
    type: 'limit',
    name: 'memory-full',
    title: 'Memory is nearly full',
    check: 'memory',
    severity: 'warning',
    line: { field: 'mem.used_percent' },
    above: 90,
    minutes: 10,
    problem: 'uses more than 90 % of its memory',
  },
  {
    type: 'limit',
    name: 'disk-filling',
    title: 'A disk is filling up',
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
    title: 'A disk is nearly full',
    check: 'disk',
    severity: 'critical',
    line: DISK,
    above: 95,
    minutes: 5,
    problem: 'is more than 95 % full',
  },
  {
    type: 'silence',
    name: 'host-silent',
    title: 'A host is silent',
    check: 'silence',
    severity: 'critical',
    field: 'system.uptime',
    minutes: 5,
    problem: 'has reported nothing for 5 minutes',
  },
];

/** Tags that tell alerts of a rule apart. */
export function identityOf(rule: AlertRule): readonly string[] {
  return rule.type === 'limit' ? (rule.line.by ?? ['host']) : ['host'];
}
