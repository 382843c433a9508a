/** What people did at a hub holds at the agent as well. */
import type { AlertsAnswer, Resolution } from '../../api/hub-alerts.ts';
import { rank } from '../../plugin/notification.ts';
import type { Fact } from '../notify/truth.ts';

import type { DeskMeans } from './desk-means.ts';

type Means = Pick<DeskMeans, 'truth' | 'acks' | 'silences' | 'resolve' | 'reconsider'>;

interface From {
  /** Name of the hub. */
  readonly hub: string;
  /** In the order of the configuration. */
  readonly isFirst: boolean;
}

/** In a transaction. @returns whether silences or acknowledgements have changed */
export function obey(
  { acks, silences, tags = {}, resolutions = [] }: AlertsAnswer,
  means: Means,
  { hub, isFirst }: From,
): boolean {
  const { truth } = means;
  if (silences !== undefined) means.silences.setOfHub(hub, silences, tags);
  // Two hubs that both win would go on for ever: with the others, what is known here counts, under a higher number.
  const tie = isFirst ? 'theirs' : 'raise';
  const changed = acks.filter((register) => {
    const fact = truth.get(register.fingerprint);
    return fact?.status === 'firing' && means.acks.merge(fact.view, register, tie);
  });
  const isChanged = silences !== undefined || changed.length > 0;
  if (isChanged) means.reconsider();
  for (const resolution of resolutions)
    if (isMeant(resolution, truth.get(resolution.fingerprint))) means.resolve(resolution);
  return isChanged;
}

/** One that got worse meanwhile goes on. */
function isMeant({ episode, level }: Resolution, fact: Fact | undefined): boolean {
  if (fact?.status !== 'firing' || fact.origin !== undefined) return false;
  return fact.episode === episode && rank(fact.view.level) <= rank(level);
}
