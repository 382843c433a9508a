/** All alerts that the engine keeps, ok ones included, and how many there are of each rule. */
import type { Tags } from '../../metric/metric.ts';
import { internTags } from '../../metric/series.ts';
import type { Rule } from '../rules/rule.ts';
import { fingerprint } from '../state/fingerprint.ts';

import type { Identity, Instance } from './instance.ts';

export class Book {
  readonly #instances = new Map<string, Instance>();
  /** By the rule's id. */
  readonly #counts = new Map<string, number>();

  get(key: string): Instance | undefined {
    return this.#instances.get(key);
  }

  all(): IterableIterator<Instance> {
    return this.#instances.values();
  }

  countOf(rule: Rule): number {
    return this.#counts.get(rule.id) ?? 0;
  }

  add(instance: Instance): void {
    this.#instances.set(instance.identity.fingerprint, instance);
    this.#counts.set(instance.rule.id, this.countOf(instance.rule) + 1);
  }

  drop(instance: Instance): void {
    if (!this.#instances.delete(instance.identity.fingerprint)) return;
    instance.isDropped = true;
    this.#counts.set(instance.rule.id, this.countOf(instance.rule) - 1);
  }
}

/** `host` always counts; what has no value does not. */
export function identityOf(rule: Rule, host: string, tags: Tags): Identity {
  const known = Object.entries({ host, ...tags }).filter(([, value]) => value !== '');
  const identity = internTags(Object.fromEntries(known));
  return { fingerprint: fingerprint(rule.id, identity), host, tags: identity };
}
