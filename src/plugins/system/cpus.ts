import type { Host } from '../../plugin/index.ts';

/**
 * Numbers of the online CPUs, from the lines `cpu0`, `cpu1`, … at the start of /proc/stat. The long `intr` line after them is
 * not decoded.
 */
export function parseOnlineCpus(stat: Buffer): readonly number[] {
  const interrupts = stat.indexOf('\nintr');
  const text = stat.toString('latin1', 0, interrupts === -1 ? stat.length : interrupts);
  return Array.from(text.matchAll(/^cpu(\d{1,6}) /gm), ([, number]) => Number(number));
}

/**
 * Counts the cores of these CPUs: sibling threads of one core have the same list. If the topology is unknown, as on some
 * virtual machines, each CPU counts as a core.
 */
export function countCores(host: Host, cpus: readonly number[]): number {
  return new Set(cpus.map((cpu) => readSiblings(host, cpu))).size;
}

function readSiblings(host: Host, cpu: number): string {
  const folder = `${host.sys}/devices/system/cpu/cpu${cpu}/topology`;
  // The first name is used since Linux 5.3.
  return (
    host.readOptional(`${folder}/core_cpus_list`) || host.readOptional(`${folder}/thread_siblings_list`) || String(cpu)
  );
}
