import { readFileSync } from 'node:fs';

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
export function countCores(sys: string, cpus: readonly number[]): number {
  return new Set(cpus.map((cpu) => readSiblings(sys, cpu))).size;
}

function readSiblings(sys: string, cpu: number): string {
  const folder = `${sys}/devices/system/cpu/cpu${cpu}/topology`;
  // The first name is the one of Linux 5.3 and later.
  for (const file of ['core_cpus_list', 'thread_siblings_list']) {
    try {
      return readFileSync(`${folder}/${file}`, 'latin1').trim();
    } catch {
      continue;
    }
  }
  return String(cpu);
}
