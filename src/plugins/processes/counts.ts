/** Counts by state, with Telegraf's names. `parked` is present only if such a thread exists. */
export interface ProcessCounts {
  blocked: number;
  zombies: number;
  stopped: number;
  running: number;
  sleeping: number;
  total: number;
  unknown: number;
  dead: number;
  paging: number;
  total_threads: number;
  idle: number;
  parked?: number;
}

type State = Exclude<keyof ProcessCounts, 'total' | 'total_threads'>;

/** State letters of the Linux kernel. `t`: stopped by a debugger; `x`: dead on some kernels before 3.13. */
const STATES: Readonly<Record<string, State>> = {
  R: 'running',
  S: 'sleeping',
  D: 'blocked',
  Z: 'zombies',
  X: 'dead',
  x: 'dead',
  T: 'stopped',
  t: 'stopped',
  W: 'paging',
  I: 'idle',
  P: 'parked',
};

export function noProcesses(): ProcessCounts {
  return {
    blocked: 0,
    zombies: 0,
    stopped: 0,
    running: 0,
    sleeping: 0,
    total: 0,
    unknown: 0,
    dead: 0,
    paging: 0,
    total_threads: 0,
    idle: 0,
  };
}

/** @param letter undefined if the state is not readable */
export function countProcess(counts: ProcessCounts, letter: string | undefined, threads: number): void {
  const state = (letter === undefined ? undefined : STATES[letter]) ?? 'unknown';
  counts[state] = (counts[state] ?? 0) + 1;
  counts.total += 1;
  counts.total_threads += threads;
}
