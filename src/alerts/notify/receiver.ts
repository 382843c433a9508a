/** A notifier with the host's side of it. */
import type { Notifier } from '../../plugin/index.ts';

export interface Receiver {
  /** Key under `notifiers`. */
  readonly name: string;
  readonly notifier: Notifier;
  /** Where its messages arrive: name of the plugin, and what of its options decides. Holds secrets. */
  readonly address: { readonly kind: string; readonly target: string };
  /** Deadline of one attempt, ms. */
  readonly timeout: number;
  /** Most messages a second, and how many at once. */
  readonly rate: { readonly perSecond: number; readonly burst: number };
  /** Whether it wants to hear of ends. Default true. */
  readonly sendResolved?: boolean;
  /** Maximum alerts that one message lists. Default 10. */
  readonly most?: number;
  /** Each message has one alert. */
  readonly each?: boolean;
}
