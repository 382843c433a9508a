/** What a caller without a session sees of the host: no process of other users by name, no lines of logs. */
import type { EventInfo, FindingsAnswer, ProcessesAnswer } from '../api/host.ts';
import { isKill } from '../findings/checks/oom.ts';
import type { ProcessFrame } from '../host/processes/frame.ts';

import type { Caller } from './access/caller.ts';
import type { Frozen } from './sources.ts';

const NAMELESS_KILL = 'The kernel killed a process for lack of memory';

/** Evidence names processes and has lines of logs; the sentence and the id of a kill name the process, so one stands for all. */
export function shownFindings(answer: Frozen<FindingsAnswer>, { role }: Caller): Frozen<FindingsAnswer> {
  if (role !== undefined) return answer;
  const newestKill = answer.findings.filter(isKill).toSorted((a, b) => (b.since ?? 0) - (a.since ?? 0))[0];
  const findings = answer.findings
    .filter((each) => !isKill(each) || each === newestKill)
    .map((each) => (each === newestKill ? { ...each, id: 'oom', sentence: [`${NAMELESS_KILL}.`] } : each))
    .map((each) => ({ ...each, evidence: '' }));
  return { ...answer, findings };
}

/** @param user whose processes everybody may see: the one the agent runs as */
export function shownProcesses(frame: ProcessFrame | undefined, { role }: Caller, user: string): ProcessesAnswer {
  const isRestricted = role === undefined;
  if (frame === undefined) return { at: null, total: 0, processes: [], isRestricted };
  const visible = !isRestricted ? frame.processes : frame.processes.filter((each) => user !== '' && each.user === user);
  const processes = visible.map(({ pid, name, unit, cpu, memory, ...each }) => {
    const [read, written] = [each.read ?? null, each.written ?? null];
    return { pid, name, user: each.user, unit, cpu, memory, read, written };
  });
  return { at: frame.at, total: frame.total, processes, isRestricted };
}

export function shownEvent(event: EventInfo, { role }: Caller): EventInfo {
  return role !== undefined || event.kind !== 'oom' ? event : { ...event, title: NAMELESS_KILL };
}
