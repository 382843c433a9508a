/** What the rules take of each series: decided once for a series, then looked up at each of its samples. */
import type { FieldValue, Tags } from '../../metric/metric.ts';
import { internTags, SeriesCache } from '../../metric/series.ts';
import type { Rule, Watch } from '../rules/rule.ts';

import type { Feed, Identity, Instance, Source } from './instance.ts';
import { identityOf } from './instances.ts';

/** One rule on one series. */
export interface Slot {
  readonly rule: Rule;
  readonly identity: Identity;
  readonly operands: Watch['operands'];
  instance: Instance | undefined;
  /** Of the instance. */
  feed: Feed | undefined;
}

export interface Series {
  readonly measurement: string;
  /** Interned. */
  readonly tags: Tags;
  readonly source: Source;
  readonly slots: readonly Slot[];
  /** Needed for the context of alerts. */
  readonly isContext: boolean;
}

export interface SeriesTableOptions {
  readonly rules: readonly Rule[];
  readonly isContext: (measurement: string, tags: Tags) => boolean;
  /** A rule could not decide whether it matches a series. */
  readonly onError: (rule: Rule, error: unknown) => void;
  /** For new sources. */
  readonly elapsed: () => number;
}

const NO_SLOTS: readonly Slot[] = [];

export class SeriesTable {
  readonly #options: SeriesTableOptions;
  readonly #cache: SeriesCache<Series>;
  /** By measurement, then by host. */
  readonly #sources: Map<string, Map<string, Source>>;

  /** @param previous the table that this one replaces; its sources go on */
  constructor(options: SeriesTableOptions, previous?: SeriesTable) {
    this.#options = options;
    this.#sources = previous === undefined ? new Map<string, Map<string, Source>>() : previous.#sources;
    this.#cache = new SeriesCache((name, tags) => this.#describe(name, tags));
  }

  get(measurement: string, tags: Tags): Series {
    return this.#cache.get(measurement, tags);
  }

  source(measurement: string, host: string): Source {
    const hosts = this.#sources.get(measurement) ?? new Map<string, Source>();
    const known = hosts.get(host);
    if (known !== undefined) return known;
    const source = { heardAt: this.#options.elapsed() };
    this.#sources.set(measurement, hosts.set(host, source));
    return source;
  }

  /** Counts every source as heard now. */
  restart(elapsed: number): void {
    for (const hosts of this.#sources.values()) for (const source of hosts.values()) source.heardAt = elapsed;
  }

  /** The agent was frozen for `ms`, which does not count as silence. */
  postpone(ms: number): void {
    for (const hosts of this.#sources.values()) for (const source of hosts.values()) source.heardAt += ms;
  }

  #describe(measurement: string, given: Tags): Series {
    // The cache keeps nothing for tags that could change; their interned equals may be in it.
    const tags = internTags(given);
    if (tags !== given && !Object.isFrozen(given)) return this.#cache.get(measurement, tags);
    const { rules, isContext } = this.#options;
    const slots = rules.flatMap((rule) => (rule.hosts === undefined ? this.#slot(rule, measurement, tags) : []));
    return {
      measurement,
      tags,
      source: this.source(measurement, tags['host'] ?? ''),
      slots: slots.length === 0 ? NO_SLOTS : slots,
      isContext: isContext(measurement, tags),
    };
  }

  #slot(rule: Rule, measurement: string, tags: Tags): readonly Slot[] {
    try {
      const watch = rule.watch(measurement, tags);
      if (watch === undefined) return [];
      const identity = identityOf(rule, tags['host'] ?? '', watch.identity);
      return [{ rule, identity, operands: watch.operands, instance: undefined, feed: undefined }];
    } catch (error) {
      this.#options.onError(rule, error);
      return [];
    }
  }
}

/** What rules can evaluate; undefined for a missing or non-finite value. An integer beyond 2^53 loses its last digits. */
export function usable(value: FieldValue | undefined): number | string | boolean | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'bigint') return Number(value);
  // A field name such as `constructor` finds a property of every object.
  return typeof value === 'string' || typeof value === 'boolean' ? value : undefined;
}
