/** What the page shows before its script has asked for anything. */
import type { FirstData } from '../../api/first.ts';
import type { Clock } from '../../core/clock.ts';

import type { Caller } from '../route.ts';
import { shownFindings } from '../shown.ts';
import type { Frozen, Sources } from '../sources.ts';

export interface FirstOptions {
  readonly caller: Caller;
  readonly hasPassword: boolean;
  readonly clock: Clock;
}

export function firstData(sources: Sources, { caller, hasPassword, clock }: FirstOptions): Frozen<FirstData> {
  const { mayRead, mayAct } = caller;
  const session = { mayRead, mayAct, hasPassword };
  if (!mayRead) return { now: clock.now(), session };
  const [host, findings] = [sources.host(), sources.findings()];
  return {
    now: clock.now(),
    session,
    isHub: sources.hub() !== undefined,
    ...(host && { host }),
    ...(findings && { findings: shownFindings(findings, caller) }),
  };
}
