/** What the kernel says about a process. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, the unit of times in /proc/<pid>/stat. */
const TICKS_PER_SECOND = 100;

/** CPU time of all threads, exact to the nanosecond, and of children that have ended, exact to a tick. Seconds. */
export function cpuSeconds(pid) {
  const own = readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + threadNanoseconds(pid, thread), 0);
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const children = Number(fields[13]) + Number(fields[14]);
  return own / 1e9 + children / TICKS_PER_SECOND;
}

/** CPU time of the main thread alone. Seconds. */
export function mainThreadSeconds(pid) {
  return threadNanoseconds(pid, pid) / 1e9;
}

function threadNanoseconds(pid, thread) {
  return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
}

/** Resident set size. Bytes. */
export function residentBytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}
