/** Why a receiver is not notified of an alert now. */
import type { Tags } from '../../metric/metric.ts';
import { rank, type AlertView } from '../../plugin/notification.ts';

import { isActive } from './match-routes.ts';
import { labelOf, labelsOf } from './matchers.ts';
import type { Inhibition, Route, Routing } from './routing.ts';
import type { Silences } from './silences.ts';

/** The stock rule about receivers that take nothing. */
const NOTIFY_FAILING = 'notify_failing';

/** How the reason begins when the alert is below the receiver's minimum level. */
export const BELOW = 'below';

/** How the reason begins when another alert explains this one. */
export const INHIBITED = 'inhibited by';

interface Source {
  readonly rule: string;
  readonly labels: Tags;
}

export class Suppression {
  readonly #routing: Routing;
  readonly #silences: Silences;
  /** For each inhibition what fires that mutes others, by fingerprint. */
  readonly #sources: readonly { readonly inhibition: Inhibition; readonly firing: Map<string, Source> }[];

  constructor(routing: Routing, silences: Silences) {
    this.#routing = routing;
    this.#silences = silences;
    this.#sources = routing.inhibitions.map((inhibition) => ({ inhibition, firing: new Map<string, Source>() }));
  }

  /** It may explain others from now on. */
  fires(alert: AlertView): void {
    const labels = labelsOf(alert);
    for (const { inhibition, firing } of this.#sources) {
      if (inhibition.when(labels)) firing.set(alert.fingerprint, { rule: alert.rule, labels });
      else firing.delete(alert.fingerprint);
    }
  }

  ended(fingerprint: string): void {
    for (const { firing } of this.#sources) firing.delete(fingerprint);
  }

  /**
   * For people; undefined if nothing holds it back.
   *
   * @param isKnown the receiver was notified of it, so the minimum level does not count any more
   */
  of(alert: AlertView, route: Route, receiver: string, isKnown: boolean, now: number): string | undefined {
    const least = this.#routing.receivers.get(receiver)?.minLevel ?? 'info';
    if (rank(alert.level) < rank(least) && !isKnown) return `${BELOW} ${least}`;
    // A receiver that fails cannot be notified of that.
    if (alert.rule === NOTIFY_FAILING && alert.tags['receiver'] === receiver) return 'it is this receiver that fails';
    const explained = this.#byLabels(alert, now);
    if (explained !== undefined) return explained;
    const muted = route.mute.find((window) => window.isOpen(now));
    if (muted !== undefined) return `muted by ${muted.name}`;
    return isActive(route, now) ? undefined : 'outside of the active times';
  }

  /** Asked for each open alert before each message, so labels are put together only if they count. */
  #byLabels(alert: AlertView, now: number): string | undefined {
    if (this.#silences.isEmpty && this.#sources.every(({ firing }) => firing.size === 0)) return undefined;
    const labels = labelsOf(alert);
    const silence = this.#silences.find(labels, now);
    if (silence !== undefined) return `silenced by ${silence}`;
    const inhibitor = this.#inhibitor(alert, labels);
    return inhibitor === undefined ? undefined : `${INHIBITED} ${inhibitor}`;
  }

  /** An alert that explains others is not silenced by one that explains it as well. */
  #inhibitor({ fingerprint }: AlertView, labels: Tags): string | undefined {
    for (const { inhibition, firing } of this.#sources) {
      if (firing.size === 0 || !inhibition.mute(labels)) continue;
      const isBoth = inhibition.when(labels);
      for (const [other, source] of firing) {
        if (other === fingerprint || (isBoth && inhibition.mute(source.labels))) continue;
        if (inhibition.same.every((name) => labelOf(source.labels, name) === labelOf(labels, name))) return source.rule;
      }
    }
    return undefined;
  }
}
