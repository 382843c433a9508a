/** All alerts that the engine keeps, ok ones included, and their number by rule. */
import type { Tags } from '../../metric/metric.ts';
import { internTags } from '../../metric/series.ts';
import type { Rule } from '../rules/rule.ts';
import { fingerprint } from '../state/fingerprint.ts';

import type { Identity, Instance } from './instance.ts';

/** An alert that has to end, for another reason than recovery. */
export interface Ended {
  readonly instance: Instance;
  readonly detail: string;
}

export class Instances {
  readonly #byFingerprint = new Map<string, Instance>();
  /** By the rule's id. */
  readonly #counts = new Map<string, number>();

  get(key: string): Instance | undefined {
    return this.#byFingerprint.get(key);
  }

  all(): IterableIterator<Instance> {
    return this.#byFingerprint.values();
  }

  countOf(rule: Rule): number {
    return this.#counts.get(rule.id) ?? 0;
  }

  add(instance: Instance): void {
    this.#byFingerprint.set(instance.identity.fingerprint, instance);
    this.#counts.set(instance.rule.id, this.countOf(instance.rule) + 1);
  }

  drop(instance: Instance): void {
    if (!this.#byFingerprint.delete(instance.identity.fingerprint)) return;
    instance.isDropped = true;
    this.#counts.set(instance.rule.id, this.countOf(instance.rule) - 1);
  }
}

/** Includes `host`; leaves out empty tags. */
export function identityOf(rule: Rule, host: string, tags: Tags): Identity {
  // In the order of interned tags, which would otherwise be kept in both orders.
  const known = Object.entries({ host, ...tags })
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const identity = internTags(Object.fromEntries(known));
  return { fingerprint: fingerprint(rule.id, identity), host, tags: identity };
}

/** Whether alerts of the rule can have these identity tags. */
export function canIdentify({ groupBy }: Rule, tags: Tags): boolean {
  return groupBy === undefined || Object.keys(tags).every((key) => key === 'host' || groupBy.includes(key));
}
