/** What the notifications know of one alert, for `healthd why`. */
import type { Hop } from '../../api/why.ts';
import type { Clock } from '../../core/clock.ts';
import type { Silences } from '../audience/silences.ts';
import type { AlertStore } from '../store/store.ts';
import type { WhyMeans } from '../why/why.ts';

import type { Board } from './board.ts';
import type { Lane } from './lane.ts';

const NO_HOP: Hop = { role: 'agent', name: '' };

interface Of {
  readonly store: AlertStore;
  readonly clock: Clock;
  /** Default: an agent without a name. */
  readonly hop: Hop | undefined;
  readonly silences: Silences;
  readonly board: Board;
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly isWithHub: boolean;
}

export function whyMeans(fingerprint: string, { silences, board, lanes, clock, hop = NO_HOP, ...rest }: Of): WhyMeans {
  return {
    ...rest,
    hop,
    silences: silences.list(),
    fact: board.truth.get(fingerprint),
    standings: () =>
      board.standings(fingerprint).map((standing) => ({
        ...standing,
        lane: lanes.get(standing.receiver)?.delay(standing.change?.group.key),
      })),
    hasNotifiers: lanes.size > 0,
    now: clock.now(),
    elapsed: clock.elapsed(),
  };
}
