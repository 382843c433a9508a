import { COLUMNS, FROM_HYPERVISOR, TICKS_PER_SECOND, type Column, type CpuTimes } from './stat.ts';

export type CpuFields = Readonly<Record<`${'usage' | 'time'}_${Column | 'active'}`, number>>;

const FIELDS = COLUMNS.map((column) => ({ column, usage: `usage_${column}`, time: `time_${column}` }) as const);

/** Time that the kernel counted itself, in ticks: it only goes back if the CPU was taken away and brought back. */
export function kernelTicks({ user, nice, system, idle, iowait, irq, softirq }: CpuTimes): number {
  return user + nice + system + idle + iowait + irq + softirq;
}

/** Total time in ticks. Excludes guest and guest_nice, which the kernel also counts in user and nice, and an unknown steal. */
function totalTicks(times: CpuTimes): number {
  return kernelTicks(times) + (Number.isNaN(times.steal) ? 0 : times.steal);
}

/** The columns of a hypervisor that are absurd or went backwards. */
export function absurdColumns(before: CpuTimes, now: CpuTimes): Column[] {
  return FROM_HYPERVISOR.filter((column) => !(now[column] >= before[column]));
}

/**
 * Shares of the time between two samples, 0 to 100. A single column can go backwards (iowait does so on Linux); it counts as
 * unchanged, so that no share is negative and all of them add up to 100. Absurd columns have no share, and count as unchanged.
 *
 * @returns undefined if no time passed between the samples
 */
export function usageBetween(before: CpuTimes, now: CpuTimes, withActive: boolean): Partial<CpuFields> | undefined {
  const moved = { ...now };
  const absurd = absurdColumns(before, now);
  for (const column of COLUMNS) {
    moved[column] = absurd.includes(column) ? 0 : Math.max(0, now[column] - before[column]);
  }
  const total = totalTicks(moved);
  if (total === 0) return undefined;
  const percent = (ticks: number) => (100 * Math.max(0, ticks)) / total;

  const fields: Record<string, number> = {};
  for (const { column, usage } of FIELDS) if (!absurd.includes(column)) fields[usage] = percent(moved[column]);
  fields['usage_user'] = percent(moved.user - moved.guest);
  fields['usage_nice'] = percent(moved.nice - moved.guest_nice);
  if (withActive) fields['usage_active'] = percent(total - moved.idle);
  return fields;
}

/** Seconds since boot. I/O wait counts as active, as in Telegraf. */
export function timesInSeconds(times: CpuTimes, withActive: boolean): Partial<CpuFields> {
  const fields: Record<string, number> = {};
  for (const { column, time } of FIELDS)
    if (!Number.isNaN(times[column])) fields[time] = times[column] / TICKS_PER_SECOND;
  if (withActive) fields['time_active'] = (totalTicks(times) - times.idle) / TICKS_PER_SECOND;
  return fields;
}
