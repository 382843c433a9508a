import type { Metric, MetricSpec, Tags } from '../../plugin.ts';
import { describeField, labelsOf, metricName, sampleValue } from '../prometheus-names.ts';

import { createSeries, NEVER, type Family, type Series } from './series.ts';

export interface RegistrySettings {
  readonly maxSeries: number;
  /** Milliseconds; 0 for never. */
  readonly expiration: number;
  readonly stringAsLabel: boolean;
  readonly describe: (measurement: string) => MetricSpec | undefined;
}

/** Field → series, of one measurement with one set of tags. */
type Row = Map<string, Series>;

/** The last sample of each series. */
export class Registry {
  readonly families = new Map<string, Family>();
  /** Changes whenever a series comes or goes. */
  version = 0;
  #size = 0;
  readonly #settings: RegistrySettings;
  #rows = new WeakMap<Tags, Map<string, Row>>();
  /** Series in `#rows`, also those that are not listed. */
  #known = 0;

  constructor(settings: RegistrySettings) {
    this.#settings = settings;
  }

  /** Number of series. */
  get size(): number {
    return this.#size;
  }

  /**
   * Takes all fields that are numbers.
   *
   * @param now on the clock's `elapsed`
   * @returns how many of them were refused because there are too many series
   */
  add(metric: Metric, now: number): number {
    const row = this.#rowOf(metric);
    let refused = 0;
    for (const field in metric.fields) {
      const value = sampleValue(metric.fields[field]);
      if (value === undefined) continue;
      const series = this.#listed(metric, field, row);
      if (series === undefined) refused += 1;
      // What comes late, or again, does not replace what is newer.
      else if (metric.time >= series.time) {
        series.value = value;
        series.time = metric.time;
        series.written = now;
      }
    }
    return refused;
  }

  /** Drops what was not written for longer than the expiration. */
  expire(now: number): void {
    const { expiration } = this.#settings;
    if (expiration === 0) return;
    for (const family of this.families.values()) {
      for (const series of family.series.values()) {
        if (now - series.written > expiration) this.#drop(series, family);
      }
    }
  }

  /** The series of a field, in the exposition; undefined if there is no room. */
  #listed(metric: Metric, field: string, row: Row): Series | undefined {
    const known = row.get(field);
    if (known?.isListed === true) return known;
    const series = known ?? this.#create(metric, field);
    if (known === undefined) this.#known += 1;
    const listed = this.#list(series);
    row.set(field, listed ?? series);
    return listed;
  }

  /** Two fields may give one name and the same labels: then both are one series. */
  #list(series: Series): Series | undefined {
    const family = this.families.get(series.name);
    const twin = family?.series.get(series.labelText);
    if (twin !== undefined) return twin;
    if (this.#size >= this.#settings.maxSeries) return undefined;
    const { name, type, help, unit } = series;
    if (family === undefined)
      this.families.set(name, { name, type, help, unit, series: new Map([[series.labelText, series]]) });
    else family.series.set(series.labelText, series);
    series.isListed = true;
    this.#size += 1;
    this.version += 1;
    return series;
  }

  #drop(series: Series, family: Family): void {
    family.series.delete(series.labelText);
    if (family.series.size === 0) this.families.delete(family.name);
    series.isListed = false;
    series.time = NEVER;
    this.#size -= 1;
    this.version += 1;
  }

  #create({ name: measurement, tags, fields }: Metric, field: string): Series {
    const { describe, stringAsLabel } = this.#settings;
    return createSeries({
      name: metricName(measurement, field),
      labels: labelsOf(stringAsLabel ? { ...stringsOf(fields), ...tags } : tags),
      ...describeField(describe(measurement), field),
    });
  }

  /** Tags of a batch are interned, so that the names of a series are made once. */
  #rowOf({ name, tags }: Metric): Row {
    if (this.#settings.stringAsLabel || !Object.isFrozen(tags)) return new Map();
    // Starting afresh costs little, and whatever was not listed is forgotten.
    if (this.#known > 2 * this.#settings.maxSeries) {
      this.#rows = new WeakMap();
      this.#known = 0;
    }
    let rows = this.#rows.get(tags);
    if (rows === undefined) this.#rows.set(tags, (rows = new Map<string, Row>()));
    let row = rows.get(name);
    if (row === undefined) rows.set(name, (row = new Map<string, Series>()));
    return row;
  }
}

function stringsOf(fields: Metric['fields']): Tags {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
