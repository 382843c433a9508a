/** What the rules take of each series. Decided once for a series; then asked for at each of its samples. */
import type { Tags } from '../../metric/metric.ts';
import { internTags, SeriesCache } from '../../metric/series.ts';
import type { Rule, Watch } from '../rules/rule.ts';

import type { Feed, Identity, Instance, Source } from './instance.ts';

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
  /** Shown to whoever makes tables of what was going on. */
  readonly isContext: boolean;
}

export interface WatchingOptions {
  readonly rules: readonly Rule[];
  readonly identify: (rule: Rule, host: string, tags: Tags) => Identity;
  readonly isContext: (measurement: string, tags: Tags) => boolean;
  /** A rule could not say whether it is about a series. */
  readonly onError: (rule: Rule, error: unknown) => void;
  /** For sources not heard of yet. */
  readonly elapsed: () => number;
}

const NO_SLOTS: readonly Slot[] = [];

export class Watching {
  readonly #options: WatchingOptions;
  readonly #cache: SeriesCache<Series>;
  /** By measurement, then by host. */
  readonly #sources: Map<string, Map<string, Source>>;

  /** @param known sources of the watching that this one takes over from */
  constructor(options: WatchingOptions, known?: Watching) {
    this.#options = options;
    this.#sources = known === undefined ? new Map<string, Map<string, Source>>() : known.#sources;
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

  /** The clock was set, or the machine slept: nobody has been silent. */
  restart(elapsed: number): void {
    for (const hosts of this.#sources.values()) for (const source of hosts.values()) source.heardAt = elapsed;
  }

  #describe(measurement: string, given: Tags): Series {
    // The cache keeps nothing for tags that could change; their interned equals have been decided before.
    const tags = internTags(given);
    if (tags !== given && !Object.isFrozen(given)) return this.#cache.get(measurement, tags);
    const { rules, isContext } = this.#options;
    const slots = rules.flatMap((rule) => this.#slot(rule, measurement, tags));
    return {
      measurement,
      tags,
      source: this.source(measurement, tags['host'] ?? ''),
      slots: slots.length === 0 ? NO_SLOTS : slots,
      isContext: isContext(measurement, tags),
    };
  }

  #slot(rule: Rule, measurement: string, tags: Tags): readonly Slot[] {
    const { identify, onError } = this.#options;
    try {
      const watch = rule.watch(measurement, tags);
      if (watch === undefined) return [];
      const identity = identify(rule, tags['host'] ?? '', watch.identity);
      return [{ rule, identity, operands: watch.operands, instance: undefined, feed: undefined }];
    } catch (error) {
      onError(rule, error);
      return [];
    }
  }
}
