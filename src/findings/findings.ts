/** What is wrong with the host and the agent, computed when somebody asks. */
import type { Finding, FindingsAnswer } from '../api/host.ts';
import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { rejectionOf } from '../host/deadline.ts';

import type { Check } from './check.ts';

export interface FindingsOptions {
  readonly checks: readonly Check[];
  readonly clock: Clock;
  readonly log: Logger;
}

const FRESH_MS = 10_000;
const DEADLINE_MS = 5000;
/** The page shows five and the number of the others. */
const MOST_FINDINGS = 200;
const LEVELS: readonly Finding['level'][] = ['critical', 'warning', 'unknown', 'note'];

export class Findings {
  readonly #options: FindingsOptions;
  /** Texts of failed checks that were logged. */
  readonly #logged = new Set<string>();
  #computing: Promise<FindingsAnswer> | undefined;
  #latest: FindingsAnswer | undefined;
  /** When the latest was begun, by the clock's `elapsed`. */
  #begunAt = -Infinity;

  constructor(options: FindingsOptions) {
    this.#options = options;
  }

  /** At most ten seconds old. Never rejects. */
  answer(): Promise<FindingsAnswer> {
    const latest = this.#latest;
    const isFresh = this.#options.clock.elapsed() - this.#begunAt < FRESH_MS;
    if (isFresh && this.#computing === undefined && latest !== undefined) return Promise.resolve(latest);
    this.#computing ??= this.#compute().finally(() => {
      this.#computing = undefined;
    });
    return this.#computing;
  }

  /** What was found last, at once; newer ones are computed meanwhile. Undefined at the first call. */
  latest(): FindingsAnswer | undefined {
    void this.answer();
    return this.#latest;
  }

  async #compute(): Promise<FindingsAnswer> {
    const { checks, clock } = this.#options;
    this.#begunAt = clock.elapsed();
    const at = clock.now();
    const found = await Promise.all(checks.map((check) => this.#run(check, at)));
    const findings = found.flatMap((each) => each ?? []);
    const fine = found.filter((each) => each?.length === 0).length;
    this.#latest = { at, findings: inOrder(findings).slice(0, MOST_FINDINGS), fine };
    return this.#latest;
  }

  /** @returns undefined if it cannot be told, or has failed */
  async #run(check: Check, now: number): Promise<readonly Finding[] | undefined> {
    const { clock, log } = this.#options;
    const signal = clock.signal(DEADLINE_MS);
    try {
      const work = async () => check.run(now, signal);
      return await Promise.race([work(), rejectionOf(signal)]);
    } catch (error) {
      const text = `Cannot check ${check.name}: ${describeError(error)}`;
      if (!this.#logged.has(check.name)) log.debug(text);
      this.#logged.add(check.name);
      return undefined;
    }
  }
}

/** What is not handled first, then by level, then the newest; those of unknown time last. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const key = (each: Finding) => [Number(isHandled(each)), LEVELS.indexOf(each.level), -(each.since ?? 0)] as const;
  return findings.toSorted((a, b) => {
    const [left, right] = [key(a), key(b)];
    return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
  });
}

function isHandled({ alert, evidence }: Finding): boolean {
  if (alert === undefined) return false;
  return alert.acknowledgedBy !== undefined || alert.silencedUntil !== undefined || /(?:^| · )silenced/.test(evidence);
}
