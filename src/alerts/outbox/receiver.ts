/** Whom notifications go to: a notifier with the host's side of it. */
import type { Notifier } from '../../plugin/index.ts';

export interface Receiver {
  /** Key under `notifiers`. */
  readonly name: string;
  readonly notifier: Notifier;
  /** Deadline of one attempt, ms. */
  readonly timeout: number;
  /** Most messages a second, and how many at once. */
  readonly rate: { readonly perSecond: number; readonly burst: number };
  /** How long a message is worth delivering, ms. Default 24 h. */
  readonly ttl: number;
}
