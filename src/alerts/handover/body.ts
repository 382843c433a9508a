/** An alert as the agent hands it to the hub. */
import { createHash } from 'node:crypto';

import { handedAlert, type HandedAlert } from '../../api/hub-alerts.ts';
import type { AlertView } from '../../plugin/notification.ts';
import type { Fact } from '../notify/truth.ts';

export interface Said {
  readonly fact: Fact;
  readonly told: HandedAlert['told'];
  readonly isDelivered: boolean;
  readonly held: string | undefined;
}

/** Equal as long as the hub need not hear of it again: values and trends change all the time. */
export function digestOf({ fact, told, isDelivered, held }: Said): string {
  const { episode, status, view, isQuiet, contextUntil } = fact;
  const { level, flapping, startsAt, endsAt, summary, detail } = view;
  const what = [
    episode,
    status,
    level,
    flapping,
    startsAt,
    endsAt,
    summary,
    detail,
    isQuiet,
    contextUntil === undefined,
  ];
  const text = JSON.stringify([...what, isDelivered, held, told.map(({ hash }) => hash).sort()]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** @returns undefined for an alert that the hub would refuse */
export function bodyOf(
  fact: Fact,
  current: AlertView | undefined,
  said: Said & { readonly digest: string; readonly elapsed: number; readonly isBare: boolean },
): HandedAlert | undefined {
  const { episode, status, worst, isQuiet, since, contextUntil } = fact;
  const { digest, elapsed, isBare, told, isDelivered, held } = said;
  const body = {
    episode,
    digest,
    status,
    view: viewOf(fact, current, isBare),
    worst,
    isQuiet,
    ageMs: Math.max(0, elapsed - since),
    ...(contextUntil !== undefined && { contextMs: Math.min(Math.max(0, contextUntil - elapsed), 60_000) }),
    held,
    isDelivered,
    told,
  };
  // What JSON cannot say is left out, as the hub would see it.
  return handedAlert.safeParse(JSON.parse(JSON.stringify(body, finite))).data;
}

function viewOf({ status, view }: Fact, current: AlertView | undefined, isBare: boolean): AlertView {
  const { context, firedValue, silentSince } = view;
  const now = status === 'firing' && current !== undefined ? { ...current, context, firedValue, silentSince } : view;
  const { level, flapping } = view;
  return { ...now, level, flapping, ...(isBare && { context: [], trend: undefined }) };
}

function finite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? undefined : value;
}
