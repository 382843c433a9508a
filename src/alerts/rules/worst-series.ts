/** `across`: of all series of an alert in one gather, the one with the highest or lowest value counts. */
import type { Tags } from '../../metric/metric.ts';

/** Values of a tag that are listed; of more series the number is given. */
const MAX_LISTED = 5;

export class WorstSeries {
  readonly #worse: 'max' | 'min';
  #time = Number.NaN;
  #value = Number.NaN;
  /** All series with the worst value of the gather: the mounts of one device, for example. */
  #series: Tags[] = [];
  #joined: { readonly of: readonly Tags[]; readonly tags: Tags } | undefined;

  constructor(worse: 'max' | 'min') {
    this.#worse = worse;
  }

  /** @returns whether no other series of this gather is worse */
  take(value: number, time: number, series: Tags): boolean {
    if (time !== this.#time || (value !== this.#value && Math[this.#worse](value, this.#value) === value)) {
      this.#time = time;
      this.#value = value;
      this.#series = [series];
      return true;
    }
    if (value !== this.#value) return false;
    this.#series.push(series);
    return true;
  }

  /** Tags of the worst series. Of several equally bad ones, tags that differ are listed: `path` is `/, /home`. */
  get tags(): Tags | undefined {
    const [first, second] = this.#series;
    if (first === undefined || second === undefined) return first;
    // Series are interned, and mostly the same ones as in the gather before.
    const isSame =
      this.#joined?.of.length === this.#series.length &&
      this.#series.every((series, index) => series === this.#joined?.of[index]);
    if (!isSame) this.#joined = { of: this.#series, tags: joined(this.#series) };
    return this.#joined?.tags;
  }
}

function joined(series: readonly Tags[]): Tags {
  const keys = new Set(series.flatMap((tags) => Object.keys(tags)));
  return Object.fromEntries([...keys].map((key) => [key, listOf(series.flatMap((tags) => tags[key] ?? []))]));
}

function listOf(values: readonly string[]): string {
  const distinct = [...new Set(values)].sort();
  const more = distinct.length - MAX_LISTED;
  const listed = distinct.slice(0, MAX_LISTED).join(', ');
  return more > 0 ? `${listed} and ${more} more` : listed;
}
