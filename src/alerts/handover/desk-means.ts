import type { Resolution } from '../../api/hub-alerts.ts';
import type { AlertView } from '../../plugin/notification.ts';
import type { Acks } from '../audience/acks.ts';
import type { Silences } from '../audience/silences.ts';
import type { Ledger } from '../notify/ledger.ts';
import type { Truth } from '../notify/truth.ts';
import type { AlertStore } from '../store/store.ts';

/** What the desk asks of the notifications. */
export interface DeskMeans {
  readonly store: AlertStore;
  readonly truth: Truth;
  readonly ledger: Ledger;
  /** The alert as it is now. */
  readonly current: (fingerprint: string) => AlertView | undefined;
  /** Who silenced it here, or at another hub than this one. */
  readonly held: (view: AlertView, hub: string) => string | undefined;
  /** Hash of the address of a receiver, by a key of the hub. */
  readonly addressHash: (receiver: string, key: string) => string | undefined;
  /** The hubs have heard of its end. In a transaction. */
  readonly release: (fingerprint: string) => void;
  /** What receivers may hear has changed. */
  readonly reopen: () => void;
  readonly acks: Acks;
  readonly silences: Silences;
  /** Ends an alert of this agent, since somebody did so at a hub. In a transaction. */
  readonly resolve: (resolution: Resolution) => void;
  /** Silences or acknowledgements have changed. In a transaction. */
  readonly reconsider: () => void;
}
