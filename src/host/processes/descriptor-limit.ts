import { readFileSync } from 'node:fs';

/** @returns how many files this process may have open (`ulimit -n`); Infinity if that is not known. Format: proc(5) */
export function descriptorLimit(path = '/proc/self/limits'): number {
  try {
    const [, soft] = /^Max open files +(\d+) /m.exec(readFileSync(path, 'utf8')) ?? [];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    return Infinity; // not Linux
  }
}
