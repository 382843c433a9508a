import type { Metric, MetricSpec, Tags } from '../../plugin/index.ts';
import { describeField, labelsOf, metricName, sampleValue, type Hidden, type Label } from '../prometheus-names.ts';

import { createSeries, labelTextOf, NEVER, type Family, type Series } from './series.ts';

export interface RegistrySettings {
  readonly maxSeries: number;
  /** Milliseconds; 0 for never. */
  readonly expiration: number;
  readonly stringAsLabel: boolean;
  readonly describe: (measurement: string) => MetricSpec | undefined;
  /** A field is left out, since another one has its name. Called each time. */
  readonly onHidden: (hidden: Hidden) => void;
}

/** What is derived from a set of tags. */
interface TagSet {
  readonly labels: readonly Label[];
  readonly labelText: string;
  /** Measurement → field → series. */
  readonly rows: Map<string, Map<string, Series>>;
}

/** The latest sample of each series. */
export class Registry {
  readonly families = new Map<string, Family>();
  /** Incremented whenever a series appears or disappears. */
  version = 0;
  #size = 0;
  readonly #settings: RegistrySettings;
  #tagSets = new WeakMap<Tags, TagSet>();
  /** Number of series in `#tagSets`, including those that are not listed. */
  #known = 0;

  constructor(settings: RegistrySettings) {
    this.#settings = settings;
  }

  /**
   * Stores all numeric fields of a metric.
   *
   * @param now on the clock's `elapsed`
   * @returns how many of them were dropped because `maxSeries` is reached
   */
  add(metric: Metric, now: number): number {
    const tagSet = this.#tagSetOf(metric);
    const row = tagSet.rows.get(metric.name) ?? new Map<string, Series>();
    tagSet.rows.set(metric.name, row);
    let dropped = 0;
    for (const field in metric.fields) {
      const value = sampleValue(metric.fields[field]);
      if (value === undefined) continue;
      const known = row.get(field);
      const series = known?.isListed === true ? known : this.#enter(metric, field, tagSet, row);
      if (series === 'hidden') continue;
      if (series === undefined) dropped += 1;
      // A late or repeated sample does not replace a newer one.
      else if (metric.time >= series.time) {
        series.value = value;
        series.time = metric.time;
        series.written = now;
      }
    }
    return dropped;
  }

  /** Removes series that have not been updated for longer than the expiration. */
  expire(now: number): void {
    const { expiration } = this.#settings;
    if (expiration === 0) return;
    for (const family of this.families.values()) {
      for (const series of family.series.values()) {
        if (now - series.written > expiration) this.#drop(series, family);
      }
    }
  }

  /**
   * Adds the series of a field to the exposition and returns it; undefined if `maxSeries` is reached, `hidden` if another field
   * has its name and labels.
   */
  #enter(
    metric: Metric,
    field: string,
    { labels, labelText }: TagSet,
    row: Map<string, Series>,
  ): Series | undefined | 'hidden' {
    const source = `${metric.name}.${field}`;
    let series = row.get(field);
    if (series === undefined) {
      series = createSeries({ name: metricName(metric.name, field), source }, labels, labelText);
      this.#known += 1;
    }
    const family = this.families.get(series.name);
    const twin = family?.series.get(series.prefix);
    if (twin !== undefined && twin.source !== source) {
      this.#settings.onHidden({ name: series.name, source, owner: twin.source });
      return 'hidden';
    }
    // Two sets of tags may map to the same labels: they share one series.
    row.set(field, twin ?? series);
    if (twin !== undefined) return twin;
    if (this.#size >= this.#settings.maxSeries) return undefined;
    this.#list(series, family ?? this.#createFamily(series.name, metric.name, field));
    return series;
  }

  #createFamily(name: string, measurement: string, field: string): Family {
    const about = describeField(this.#settings.describe(measurement), field);
    const family = { name, ...about, series: new Map<string, Series>() };
    this.families.set(name, family);
    return family;
  }

  #list(series: Series, family: Family): void {
    family.series.set(series.prefix, series);
    series.isListed = true;
    this.#size += 1;
    this.version += 1;
  }

  #drop(series: Series, family: Family): void {
    family.series.delete(series.prefix);
    if (family.series.size === 0) this.families.delete(family.name);
    series.isListed = false;
    series.time = NEVER;
    this.#size -= 1;
    this.version += 1;
  }

  /** Tags of a batch are interned, so labels are built once per set of tags. */
  #tagSetOf({ tags, fields }: Metric): TagSet {
    if (this.#settings.stringAsLabel) return createTagSet({ ...stringsOf(fields), ...tags });
    // Bounds the cache. Rebuilding it is cheap, and series that are no longer listed are released.
    if (this.#known > 2 * this.#settings.maxSeries) {
      this.#tagSets = new WeakMap();
      this.#known = 0;
    }
    const known = this.#tagSets.get(tags);
    if (known !== undefined) return known;
    const tagSet = createTagSet(tags);
    if (Object.isFrozen(tags)) this.#tagSets.set(tags, tagSet);
    return tagSet;
  }
}

function createTagSet(tags: Tags): TagSet {
  const labels = labelsOf(tags);
  return { labels, labelText: labelTextOf(labels), rows: new Map() };
}

function stringsOf(fields: Metric['fields']): Tags {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
