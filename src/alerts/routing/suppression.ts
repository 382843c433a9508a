/** Why a receiver is not told of an alert at present. */
import type { Tags } from '../../core/metric.ts';
import { rank, type AlertView } from '../../core/notification.ts';

import type { Group } from './group.ts';
import { labelOf, labelsOf } from './matchers.ts';
import type { Inhibition, Routing } from './routing.ts';
import type { Silences } from './silences.ts';

export class Suppression {
  readonly #routing: Routing;
  readonly #silences: Silences;
  readonly #firing: ReadonlyMap<string, AlertView>;

  /** @param firing what fires now, for inhibition */
  constructor(routing: Routing, silences: Silences, firing: ReadonlyMap<string, AlertView>) {
    this.#routing = routing;
    this.#silences = silences;
    this.#firing = firing;
  }

  /** For people; undefined if nothing keeps it from being told. What was told once is told on below the least level. */
  of(alert: AlertView, { route, receiver, told }: Group, now: number): string | undefined {
    const least = this.#routing.receivers.get(receiver)?.minLevel ?? 'info';
    if (rank(alert.level) < rank(least) && !told.has(alert.fingerprint)) return `below ${least}`;
    const labels = labelsOf(alert);
    const silence = this.#silences.find(labels, now);
    if (silence !== undefined) return `silenced by ${silence}`;
    const inhibitor = this.#inhibitor(alert, labels);
    if (inhibitor !== undefined) return `inhibited by ${inhibitor}`;
    const muted = route.mute.find((window) => window.isOpen(now));
    if (muted !== undefined) return `muted by ${muted.name}`;
    const isActive = route.active === undefined || route.active.some((window) => window.isOpen(now));
    return isActive ? undefined : 'outside of the active times';
  }

  /** An alert that explains others is not silenced by one that explains it as well. */
  #inhibitor(alert: AlertView, labels: Tags): string | undefined {
    for (const inhibition of this.#routing.inhibitions) {
      if (!inhibition.mute(labels)) continue;
      const isBoth = inhibition.when(labels);
      for (const other of this.#firing.values()) {
        if (other.fingerprint !== alert.fingerprint && inhibits(inhibition, other, labels, isBoth)) return other.rule;
      }
    }
    return undefined;
  }
}

function inhibits({ when, mute, same }: Inhibition, source: AlertView, target: Tags, isBoth: boolean): boolean {
  const labels = labelsOf(source);
  if (!when(labels) || (isBoth && mute(labels))) return false;
  return same.every((name) => labelOf(labels, name) === labelOf(target, name));
}
