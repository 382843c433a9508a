/** One alert as its page shows it, whether it is listed or over. */
import { findings } from '../../store/live.ts';
import type { Finding, ListedAlertInfo } from '../../api/answers.ts';
import type { Level } from '../../parts/state.tsx';

import { levelOf, type EndedAlert } from './model.ts';

type Alert = ListedAlertInfo['alert'];

export interface ShownAlert {
  readonly fingerprint: string;
  readonly rule: string;
  readonly host: string;
  readonly level: Level;
  readonly summary: string;
  readonly state: ListedAlertInfo['state'] | 'ended';
  readonly startsAt: number;
  readonly endsAt: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Undefined if it is over. */
  readonly listed: ListedAlertInfo | undefined;
  /** What the agent found about it: who did it, which chart shows it. */
  readonly finding: Finding | undefined;
}

export function shownOf(listed: ListedAlertInfo): ShownAlert {
  const { alert, state } = listed;
  const { fingerprint, rule, host, summary, startsAt, endsAt, tags } = alert;
  return {
    fingerprint,
    rule,
    host,
    summary,
    startsAt,
    endsAt,
    tags,
    state,
    level: levelOf(alert),
    listed,
    finding: findings.value?.findings.find((finding) => finding.alert?.fingerprint === fingerprint),
  };
}

export function shownOfEnded(ended: EndedAlert): ShownAlert {
  return { ...ended, state: 'ended', listed: undefined, finding: undefined };
}

export function isHandledAlert({ ack, silenced }: Pick<Alert, 'ack' | 'silenced'>): boolean {
  return ack !== undefined || silenced;
}

/** The value furthest beyond the limit. */
export interface Worst {
  readonly at: number;
  readonly value: number;
}
