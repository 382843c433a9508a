/** What the page shows before its script has asked for anything. */
import type { SessionAnswer } from '../../api/agent.ts';
import type { FirstData } from '../../api/first.ts';
import type { Clock } from '../../core/clock.ts';

import type { Caller } from '../access/caller.ts';
import type { Sight } from '../access/sight.ts';
import { seenFindings } from '../seen.ts';
import { shownFindings } from '../shown.ts';
import type { Frozen, Sources } from '../sources.ts';

export interface FirstOptions {
  readonly caller: Caller;
  readonly sight: Sight;
  readonly session: SessionAnswer;
  readonly clock: Clock;
}

export function firstData(sources: Sources, { caller, sight, session, clock }: FirstOptions): Frozen<FirstData> {
  if (!session.mayRead) return { now: clock.now(), session };
  const host = sight.own ? sources.host() : undefined;
  const findings = sources.findings();
  return {
    now: clock.now(),
    session,
    isHub: sources.hub() !== undefined,
    ...(host && { host }),
    ...(findings && { findings: seenFindings(shownFindings(findings, caller), sight, sources.alerts()) }),
  };
}
