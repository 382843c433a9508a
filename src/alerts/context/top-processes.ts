/** Tables of the processes with the highest usage. */
import { formatValue } from '../../plugin/message-text.ts';
import type { ContextTable } from '../../plugin/notification.ts';

import type { Reading } from './processes.ts';
import type { ProcessStat } from './process-stat.ts';

/** USER_HZ is 100 on all supported platforms, whatever the kernel's own tick rate. */
const MS_PER_TICK = 10;
const ROWS = 5;

/** CPU usage between two readings; 100 % is one core. New processes are counted from their start. */
export function topByCpu(before: Reading, after: Reading): ContextTable {
  const ms = Math.max(1, after.at - before.at);
  const used = [...after.processes].map(([pid, stat]) => {
    const earlier = before.processes.get(pid);
    const ticks = earlier?.started === stat.started ? stat.ticks - earlier.ticks : stat.ticks;
    return { name: stat.name, percent: (ticks * MS_PER_TICK * 100) / ms };
  });
  const rows = used
    .filter(({ percent }) => percent > 0)
    .sort((a, b) => b.percent - a.percent)
    .slice(0, ROWS)
    .map(({ name, percent }) => [name, `${percent >= 10 ? Math.round(percent) : Math.round(percent * 10) / 10} %`]);
  return { kind: 'top_cpu', title: titled('Top processes by CPU', after), columns: ['Process', 'CPU'], rows };
}

/** @param bytesOf resident memory of a process; undefined if it has ended */
export function topByMemory(reading: Reading, bytesOf: (pid: number) => number | undefined): ContextTable {
  const rows = [...reading.processes]
    .sort(([, a], [, b]) => b.pages - a.pages)
    .slice(0, ROWS)
    .flatMap(([pid, stat]) => row(stat, bytesOf(pid)));
  return {
    kind: 'top_memory',
    title: titled('Top processes by memory', reading),
    columns: ['Process', 'Memory'],
    rows,
  };
}

function row({ name }: ProcessStat, bytes: number | undefined): readonly (readonly string[])[] {
  return bytes === undefined || bytes === 0 ? [] : [[name, formatValue(bytes, 'bytes')]];
}

function titled(title: string, { processes, isPartial }: Reading): string {
  return isPartial ? `${title} (of the newest ${processes.size})` : title;
}
