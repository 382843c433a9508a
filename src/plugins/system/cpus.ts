import type { Host } from '../../plugin/index.ts';

/**
 * Numbers of the CPUs that are on, from the lines `cpu0`, `cpu1`, … of /proc/stat. They come first; the long `intr` line
 * behind them is not looked at.
 */
export function parseOnlineCpus(stat: Buffer): readonly number[] {
  const interrupts = stat.indexOf('\nintr');
  const text = stat.toString('latin1', 0, interrupts === -1 ? stat.length : interrupts);
  return Array.from(text.matchAll(/^cpu(\d{1,6}) /gm), ([, number]) => Number(number));
}

/**
 * How many cores these CPUs are on: sibling threads of one core print the same list. Where the topology is not known, as
 * on some virtual machines, each CPU counts as a core.
 */
export function countCores(host: Host, cpus: readonly number[]): number {
  return new Set(cpus.map((cpu) => readSiblings(host, cpu))).size;
}

function readSiblings(host: Host, cpu: number): string {
  const folder = `${host.sys}/devices/system/cpu/cpu${cpu}/topology`;
  // The first name is the one of Linux 5.3 and later.
  return (
    host.readOptional(`${folder}/core_cpus_list`) || host.readOptional(`${folder}/thread_siblings_list`) || String(cpu)
  );
}
