/** What people did at the hub holds at the agent as well. */
import type { AlertsAnswer } from '../../api/hub-alerts.ts';
import { rank } from '../../plugin/notification.ts';
import type { Acks } from '../audience/acks.ts';
import type { Silences } from '../audience/silences.ts';
import type { Truth } from '../notify/truth.ts';

interface Means {
  readonly truth: Truth;
  readonly acks: Acks;
  readonly silences: Silences;
  /** See `DeskMeans`. */
  readonly resolve: (resolution: NonNullable<AlertsAnswer['resolutions']>[number]) => void;
  /** Silences or acknowledgements have changed. */
  readonly reconsider: () => void;
}

/** In a transaction. */
export function obey({ acks, silences, tags = {}, resolutions = [] }: AlertsAnswer, means: Means): void {
  const { truth } = means;
  if (silences !== undefined) means.silences.setOfHub(silences, tags);
  const changed = acks.filter((register) => {
    const fact = truth.get(register.fingerprint);
    return fact?.status === 'firing' && means.acks.merge(fact.view, register, true);
  });
  if (silences !== undefined || changed.length > 0) means.reconsider();
  for (const resolution of resolutions) {
    const fact = truth.get(resolution.fingerprint);
    const isMeant = fact?.status === 'firing' && fact.origin === undefined && fact.episode === resolution.episode;
    if (isMeant && rank(fact.view.level) <= rank(resolution.level)) means.resolve(resolution);
  }
}
