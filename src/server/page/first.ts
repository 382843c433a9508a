/** What the page shows before its script has asked for anything. */
import type { FirstData } from '../../api/first.ts';
import type { Clock } from '../../core/clock.ts';

import type { Caller } from '../route.ts';
import { shownFindings } from '../shown.ts';
import type { Frozen, Sources } from '../sources.ts';

import { hostElsewhere } from './elsewhere.ts';

export interface FirstOptions {
  readonly caller: Caller;
  readonly hasPassword: boolean;
  readonly clock: Clock;
  /** Of the address, decoded. */
  readonly path: string;
}

export function firstData(sources: Sources, { caller, hasPassword, clock, path }: FirstOptions): Frozen<FirstData> {
  const { mayRead, mayAct } = caller;
  const session = { mayRead, mayAct, hasPassword };
  if (!mayRead) return { now: clock.now(), session };
  const [own, findings] = [sources.host(), sources.findings()];
  const other = hostElsewhere(sources, path);
  const host = other?.host ?? own;
  return {
    now: clock.now(),
    session,
    isHub: sources.hub() !== undefined,
    ...(host && { host }),
    ...(other && { elsewhere: other.elsewhere }),
    ...(findings && { findings: shownFindings(findings, caller) }),
  };
}
