/** What the tables need of one /proc/[pid]/stat. Source: proc(5). */
import { oneLine } from '../../plugin/message-text.ts';

export interface ProcessStat {
  /** The short name that the kernel keeps, at most 15 bytes. Never the arguments, which may hold secrets. */
  readonly name: string;
  /** CPU time in user and kernel mode, clock ticks. */
  readonly ticks: number;
  /** Ticks after boot; with the number it tells two processes apart. */
  readonly started: number;
  /** Resident set, pages. */
  readonly pages: number;
}

/** Positions behind the closing parenthesis, where field 3 is the first: utime 14, stime 15, starttime 22, rss 24. */
const UTIME = 11;
const STIME = 12;
const STARTED = 19;
const RSS = 21;

/**
 * The name is in parentheses and may itself hold spaces, parentheses and newlines, so it ends at the last closing one.
 *
 * @returns undefined for what is no such line
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
