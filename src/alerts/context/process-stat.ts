/** Parses the needed fields of /proc/[pid]/stat. Format: proc(5). */
import { oneLine } from '../../plugin/message-text.ts';

export interface ProcessStat {
  /** The kernel's short name, at most 15 bytes. Never the arguments, which may contain secrets. */
  readonly name: string;
  /** CPU time in user and kernel mode, clock ticks. */
  readonly ticks: number;
  /** Start time, ticks after boot. Together with the pid it identifies a process. */
  readonly started: number;
  /** Resident set, pages. */
  readonly pages: number;
}

/** Positions after the closing parenthesis, counted from field 3: utime is field 14, stime 15, starttime 22, rss 24. */
const UTIME = 11;
const STIME = 12;
const STARTED = 19;
const RSS = 21;

/**
 * The name is in parentheses and may itself contain spaces, parentheses and newlines, so it ends at the last closing one.
 *
 * @returns undefined for any other text
 */
export function parseStat(text: string): ProcessStat | undefined {
  const [open, close] = [text.indexOf('('), text.lastIndexOf(')')];
  if (open === -1 || close < open) return undefined;
  const fields = text.slice(close + 2).split(' ', RSS + 1);
  const [user, system, started, pages] = [UTIME, STIME, STARTED, RSS].map((position) => Number(fields[position]));
  if (user === undefined || system === undefined || started === undefined || pages === undefined) return undefined;
  if (![user, system, started, pages].every(Number.isFinite)) return undefined;
  return { name: oneLine(text.slice(open + 1, close)), ticks: user + system, started, pages };
}
