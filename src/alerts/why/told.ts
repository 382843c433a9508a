/** Which receivers heard of an alert, by the steps of its story. */
import type { WhyReceiver, WhyStep } from '../../api/why.ts';

export function placeOf({ name, hop }: Pick<WhyReceiver, 'name' | 'hop'>): string {
  return `${hop.role} ${hop.name} ${name}`;
}

/** By attempts that were accepted, or may have arrived. */
export function toldBySteps(steps: readonly WhyStep[]): readonly WhyReceiver[] {
  const told = new Map<string, WhyReceiver>();
  for (const step of steps) {
    const { receiver: name, hop } = step;
    if (name === undefined) continue;
    const place = placeOf({ name, hop });
    const next = afterStep(told.get(place), name, step);
    if (next !== undefined) told.set(place, next);
  }
  return [...told.values()];
}

function afterStep(before: WhyReceiver | undefined, name: string, step: WhyStep): WhyReceiver | undefined {
  const { at, hop, attempt } = step;
  if (attempt === undefined || attempt.outcome === 'not_sent') return before;
  const isSure = attempt.outcome === 'accepted';
  if (attempt.kind === 'ended' || attempt.kind === 'missed') return isSure ? ended(before, name, step) : before;
  const state = isSure || before?.state === 'notified' ? 'notified' : 'maybe';
  return { name, hop, state, at: before?.at ?? at, why: [] };
}

function ended(before: WhyReceiver | undefined, name: string, { at: endedAt, hop, attempt }: WhyStep): WhyReceiver {
  const heard = attempt?.kind === 'missed' || before?.at === undefined ? {} : { at: before.at };
  return { name, hop, state: 'resolved', ...heard, endedAt, why: [] };
}
