/** What series are called by people; for others the name of the field. */
import { parseSeriesName } from './series-name.ts';

const TITLES: Readonly<Record<string, string>> = {
  'cpu.usage_iowait': 'Time waited for disks',
  'cpu.usage_user': 'CPU, user',
  'cpu.usage_system': 'CPU, system',
  'cpu.usage_idle': 'CPU, idle',
  'cpu.usage_steal': 'CPU, stolen',
  'diskio.read_bytes': 'Disk read',
  'diskio.write_bytes': 'Disk written',
  'diskio.reads': 'Reads',
  'diskio.writes': 'Writes',
  'diskio.io_util': 'Disk busy',
  'disk.used_percent': 'Disk used',
  'disk.free': 'Disk free',
  'mem.used': 'Memory used',
  'mem.cached': 'Memory, cache',
  'mem.free': 'Memory free',
  'net.bytes_sent': 'Network sent',
  'net.bytes_recv': 'Network received',
  'pressure.avg10': 'Stalled tasks',
  'processes.blocked': 'Blocked processes',
  'system.load1': 'Load',
  'temp.temp': 'Temperature',
  'docker_container_cpu.usage_percent': 'Container CPU',
  'docker_container_mem.usage': 'Container memory',
};

export interface SeriesTitle {
  readonly title: string;
  /** Which of them: `nvme1n1 · diskio`. */
  readonly detail: string;
}

export function seriesTitle(name: string): SeriesTitle {
  const parts = parseSeriesName(name);
  if (parts === undefined) return { title: name, detail: '' };
  const { measurement, field, tags } = parts;
  const title = TITLES[`${measurement}.${field}`];
  const which = Object.values(tags).filter((text) => text !== 'cpu-total');
  return {
    title: title ?? capital(field.replaceAll('_', ' ')),
    detail: [...which, title === undefined ? measurement : `${measurement}.${field}`].join(' · '),
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
