/** State and threads from /proc/[pid]/stat. */
export interface ProcessStat {
  /** The state letter (`R`, `S`, `D`, …) as a byte. */
  readonly state: number;
  readonly threads: number;
}

/** `num_threads` is field 20; the state is field 3, the first after the command name. */
const FIELDS_FROM_STATE_TO_THREADS = 17;

const SPACE = 0x20;
const CLOSING = 0x29;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * Source: proc(5), section /proc/pid/stat. The command name is in parentheses and may contain spaces, parentheses and
 * newlines, so it ends at the last closing parenthesis.
 *
 * @returns undefined if the line is malformed
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
  // The kernel allows at most 2^22 threads.
  return at > first && at - first <= 10 ? { state, threads } : undefined;
}
