/** What the counts need of one /proc/[pid]/stat. */
export interface ProcessStat {
  /** The state letter, a byte: `R`, `S`, `D`, … */
  readonly state: number;
  readonly threads: number;
}

/** `num_threads` is field 20 and the state field 3, the first one behind the command name. */
const FIELDS_FROM_STATE_TO_THREADS = 17;

const SPACE = 0x20;
const CLOSING = 0x29;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * Source: proc(5), section /proc/pid/stat. The command name is in parentheses and may itself hold spaces, parentheses
 * and newlines, so it ends at the last closing parenthesis.
 *
 * @returns undefined for what is no such line
 */
export function parseProcessStat(stat: Uint8Array): ProcessStat | undefined {
  const end = stat.lastIndexOf(CLOSING);
  const state = stat[end + 2];
  if (end === -1 || stat[end + 1] !== SPACE || state === undefined) return undefined;
  let at = end + 2;
  for (let field = 0; field < FIELDS_FROM_STATE_TO_THREADS; field += 1) {
    at = stat.indexOf(SPACE, at) + 1;
    if (at === 0) return undefined;
  }
  let threads = 0;
  const first = at;
  for (let byte = stat[at]; byte !== undefined && byte >= ZERO && byte <= NINE; byte = stat[at]) {
    threads = threads * 10 + byte - ZERO;
    at += 1;
  }
  // The kernel's limit of threads is 2^22; ten digits are more than any process can have.
  return at > first && at - first <= 10 ? { state, threads } : undefined;
}
