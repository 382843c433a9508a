import { countProcess, noProcesses } from './tally.ts';

/** The words of systeminformation → the letters that ps(1) prints. */
const LETTERS: Readonly<Record<string, string>> = {
  running: 'R',
  sleeping: 'S',
  blocked: 'D',
  zombie: 'Z',
  dead: 'X',
  stopped: 'T',
  paging: 'W',
};

/** States as ps(1) sees them. Threads are not known, nor are dead and paging outside Linux. */
export async function countPortable(platform: NodeJS.Platform) {
  const { default: si } = await import('systeminformation');
  // Of the letters that ps prints on macOS and Linux, systeminformation has a word for all but the idle state.
  const rest = platform === 'win32' ? undefined : 'I';
  const counts = noProcesses();
  for (const { state } of (await si.processes()).list) countProcess(counts, LETTERS[state] ?? rest, 0);
  const { dead: _dead, paging: _paging, total_threads: _threads, ...known } = counts;
  return known;
}
