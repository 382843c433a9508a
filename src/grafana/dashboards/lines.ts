/** Lines that several dashboards and alert rules show. */
import type { Line } from '../definition.ts';
import type { TagFilter } from '../query.ts';

/** Busy share of all CPUs together; I/O wait counts as busy. */
export const CPU_BUSY: Line = {
  field: 'cpu.usage_idle',
  where: [{ tag: 'cpu', is: 'cpu-total' }],
  complement: true,
};

export const FULLEST_DISK: Line = { field: 'disk.used_percent', reduce: 'last', across: 'max' };

export const ALERTS_FIRING: Line = { field: 'healthd_alert.firing', reduce: 'now', across: 'sum' };

/** All interfaces except loopback; `all` holds protocol counters. */
export const EXTERNAL_INTERFACES: readonly TagFilter[] = [
  { tag: 'interface', not: 'all' },
  { tag: 'interface', not: 'lo' },
];
