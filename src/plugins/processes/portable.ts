import { countProcess, noProcesses } from './counts.ts';

/** State names of systeminformation → state letters of ps(1). */
const LETTERS: Readonly<Record<string, string>> = {
  running: 'R',
  sleeping: 'S',
  blocked: 'D',
  zombie: 'Z',
  dead: 'X',
  stopped: 'T',
  paging: 'W',
};

/** States as reported by ps(1). It does not know threads, and dead and paging only on Linux. */
export async function countPortable() {
  const { default: si } = await import('systeminformation');
  // systeminformation has a name for every state except idle.
  const counts = noProcesses();
  for (const { state } of (await si.processes()).list) countProcess(counts, LETTERS[state] ?? 'I', 0);
  const { dead: _dead, paging: _paging, total_threads: _threads, ...known } = counts;
  return known;
}
