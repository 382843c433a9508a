/** Why a receiver is not told of an alert at present. */
import type { Tags } from '../../metric/metric.ts';
import { rank, type AlertView } from '../../plugin/notification.ts';

import type { Group } from './group.ts';
import { labelOf, labelsOf } from './matchers.ts';
import type { Inhibition, Routing } from './routing.ts';
import type { Silences } from './silences.ts';

/** The stock rule about receivers that take nothing. */
export const NOTIFY_FAILING = 'notify_failing';

/** How the reason begins when the receiver is not told of its level. */
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

  /** For people; undefined if nothing keeps it from being told. What was told once is told on below the least level. */
  of(alert: AlertView, { route, receiver, told }: Group, now: number): string | undefined {
    const least = this.#routing.receivers.get(receiver)?.minLevel ?? 'info';
    if (rank(alert.level) < rank(least) && !told.has(alert.fingerprint)) return `${BELOW} ${least}`;
    // Who cannot be reached cannot be told so.
    if (alert.rule === NOTIFY_FAILING && alert.tags['receiver'] === receiver) return 'it is this receiver that fails';
    const labels = labelsOf(alert);
    const silence = this.#silences.find(labels, now);
    if (silence !== undefined) return `silenced by ${silence}`;
    const inhibitor = this.#inhibitor(alert, labels);
    if (inhibitor !== undefined) return `${INHIBITED} ${inhibitor}`;
    const muted = route.mute.find((window) => window.isOpen(now));
    if (muted !== undefined) return `muted by ${muted.name}`;
    const isActive = route.active === undefined || route.active.some((window) => window.isOpen(now));
    return isActive ? undefined : 'outside of the active times';
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
