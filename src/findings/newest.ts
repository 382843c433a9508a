/** The newest sample of a few series, for what is judged by its present value. */
import type { Metric } from '../metric/metric.ts';

const MEASUREMENTS: ReadonlySet<string> = new Set([
  'disk',
  'swap',
  'docker_container_status',
  'docker_container_health',
]);
const MOST_SERIES = 5000;
/** An older sample is of something that is gone, or of an input that was removed. */
const RECENT_MS = 5 * 60_000;

export class Newest {
  readonly #byTags = new Map<string, Map<Metric['tags'], Metric>>();
  #size = 0;

  /** Called for each metric of the agent. */
  observe(metric: Metric): void {
    if (MEASUREMENTS.has(metric.name)) this.#keep(metric);
  }

  /** @param now ms since the Unix epoch */
  of(measurement: string, now: number): readonly Metric[] {
    const all = [...(this.#byTags.get(measurement)?.values() ?? [])];
    return all.filter(({ time }) => now - Number(time / 1_000_000n) < RECENT_MS);
  }

  /** Tags are interned: equal tags are one object. */
  #keep(metric: Metric): void {
    const known = this.#byTags.get(metric.name) ?? new Map<Metric['tags'], Metric>();
    if (!known.has(metric.tags)) this.#size += 1;
    this.#byTags.set(metric.name, known.set(metric.tags, metric));
    if (this.#size <= MOST_SERIES) return;
    this.#byTags.clear();
    this.#size = 0;
  }
}
