/** Tables of the processes with the highest usage. */
import { pageSize } from '../../host/processes/page-size.ts';
import { MS_PER_TICK } from '../../host/processes/process-stat.ts';
import type { Reading } from '../../host/processes/reading.ts';
import { formatValue } from '../../plugin/message-text.ts';
import type { ContextTable } from '../../plugin/notification.ts';

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

/** Kernel threads have no memory of their own. */
export function topByMemory(reading: Reading): ContextTable {
  const bytesOfPage = pageSize();
  const rows = [...reading.processes.values()]
    .filter(({ pages }) => pages > 0)
    .sort((a, b) => b.pages - a.pages)
    .slice(0, ROWS)
    .map(({ name, pages }) => [name, formatValue(pages * bytesOfPage, 'bytes')]);
  return {
    kind: 'top_memory',
    title: titled('Top processes by memory', reading),
    columns: ['Process', 'Memory'],
    rows,
  };
}

function titled(title: string, { processes, isPartial }: Reading): string {
  return isPartial ? `${title} (of the newest ${processes.size})` : title;
}
