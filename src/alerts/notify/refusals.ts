/**
 * What becomes of a message that the service refuses: it is halved until the guilty alert is alone, while the others go on. That
 * one is sent in plainer forms, and then probed.
 */
import type { Clock } from '../../core/clock.ts';
import type { Notification } from '../../plugin/notification.ts';

import type { Attempt } from './attempt-record.ts';
import type { Attempts, Planned } from './attempts.ts';

const DETAILS = ['full', 'short', 'minimal'] as const;

/** How often a receiver that refuses everything, and a message that is refused in every form, is tried again. */
const PROBES_MS = [5000, 30_000, 120_000, 900_000] as const;

export class Refusals {
  readonly #attempts: Attempts;
  readonly #clock: Clock;
  /** Halves of what was refused, each to be sent by itself. Fingerprints. */
  #parts: (readonly string[])[] = [];

  constructor(attempts: Attempts, clock: Clock) {
    this.#attempts = attempts;
    this.#clock = clock;
  }

  /** @returns the attempt for the next half, if there is one to be sent */
  next(plan: (only: ReadonlySet<string>) => Planned): Attempt | undefined {
    for (let [part] = this.#parts; part !== undefined; [part] = this.#parts) {
      const next = plan(new Set(part));
      if (!('wakeAt' in next)) return next;
      this.#parts.shift();
    }
    return undefined;
  }

  /** @returns whether one alert alone was refused in every form */
  refused({ listed, counted, receiver }: Attempt): boolean {
    const fingerprints = [...listed, ...counted].map(({ fingerprint }) => fingerprint);
    const [part] = this.#parts;
    if (part !== undefined && fingerprints.every((fingerprint) => part.includes(fingerprint))) this.#parts.shift();
    const [only, another] = fingerprints;
    if (only === undefined || another !== undefined) {
      const half = Math.ceil(fingerprints.length / 2);
      this.#parts.unshift(fingerprints.slice(0, half), fingerprints.slice(half));
      return false;
    }
    const refusals = this.#attempts.refusals(receiver, only) + 1;
    const isHopeless = refusals >= DETAILS.length;
    const retryAt = this.#clock.elapsed() + probeMs(refusals - DETAILS.length + 1);
    this.#attempts.refused(receiver, only, isHopeless ? retryAt : undefined);
    return isHopeless;
  }

  /** How much of an alert is rendered: less after each refusal of it alone. */
  detailOf({ receiver, listed: [first, another] }: Attempt): Notification['detail'] {
    if (first === undefined || another !== undefined) return 'full';
    const refusals = this.#attempts.refusals(receiver, first.fingerprint);
    return DETAILS[Math.min(refusals, DETAILS.length - 1)] ?? 'minimal';
  }
}

/** @param count of refusals in a row, from 1 on. @returns milliseconds until the next try */
export function probeMs(count: number): number {
  return PROBES_MS[Math.min(count, PROBES_MS.length) - 1] ?? PROBES_MS[0];
}
