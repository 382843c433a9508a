/** Parses the needed fields of /proc/[pid]/stat. Format: proc(5). */
import { oneLine } from '../../plugin/message-text.ts';

export interface ProcessStat {
  /** The kernel's short name, at most 15 bytes. Never the arguments, which may contain secrets. */
  readonly name: string;
  readonly isKernel: boolean;
  /** CPU time in user and kernel mode of all threads, clock ticks. */
  readonly ticks: number;
  readonly threads: number;
  /** Start time, ticks after boot. Together with the pid it identifies a process. */
  readonly started: number;
  /** Resident set, pages. */
  readonly pages: number;
}

/** USER_HZ is 100 on all supported platforms, whatever the kernel's own tick rate. */
export const MS_PER_TICK = 10;

/** Positions after the closing parenthesis, counted from field 3. */
const [FLAGS, UTIME, STIME, THREADS, STARTED, RSS] = [6, 11, 12, 17, 19, 21];

/** PF_KTHREAD of include/linux/sched.h */
const KERNEL_THREAD = 0x200000;

/**
 * The name is in parentheses and may itself contain spaces, parentheses and newlines, so it ends at the last closing one.
 *
 * @returns undefined for any other text
 */
export function parseStat(text: string): ProcessStat | undefined {
  const [open, close] = [text.indexOf('('), text.lastIndexOf(')')];
  if (open === -1 || close < open) return undefined;
  const fields = text.slice(close + 2).split(' ', RSS + 1);
  const number = (position: number) => Number(fields[position] ?? NaN);
  const stat = {
    name: oneLine(text.slice(open + 1, close)),
    isKernel: (number(FLAGS) & KERNEL_THREAD) !== 0,
    ticks: number(UTIME) + number(STIME),
    threads: number(THREADS),
    started: number(STARTED),
    pages: number(RSS),
  };
  return [stat.ticks, stat.threads, stat.started, stat.pages].every(Number.isFinite) ? stat : undefined;
}
