/** What several dashboards have in common. */
import type { Line, VariableDefinition } from '../definition.ts';
import type { TagFilter } from '../query.ts';

export const HOST: VariableDefinition = { name: 'host', label: 'Host', tag: 'host', from: 'system.uptime' };

/** All processors together, as a share of their time; waiting for disks counts as busy. */
export const CPU_BUSY: Line = {
  field: 'cpu.usage_idle',
  where: [{ tag: 'cpu', is: 'cpu-total' }],
  complement: true,
};

/** The disk that is fullest. */
export const FULLEST_DISK: Line = { field: 'disk.used_percent', reduce: 'last', across: 'max' };

export const ALERTS_FIRING: Line = { field: 'healthd_alert.firing', reduce: 'now', across: 'sum' };

/** Shares of 100, and from where on they are too much. */
export const PERCENT = { min: 0, max: 100 } as const;
export const USAGE = { ...PERCENT, limits: [80, 90] } as const;

/** Interfaces that lead somewhere; `all` holds the counters of protocols. */
export const OUTSIDE: readonly TagFilter[] = [
  { tag: 'interface', not: 'all' },
  { tag: 'interface', not: 'lo' },
];
