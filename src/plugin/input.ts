/**
 * An input reads something and reports points. It comes in two forms, and one plugin may be both:
 *
 * - `gather` is called at every multiple of `interval` (default 10 s), never while the previous call still runs. A late
 *   tick is skipped and counted.
 * - `run` reports whenever something happens (listeners, tails, subscriptions) until its signal aborts.
 *
 * The host owns the schedule, the deadline, `host` and other tags, filters, type coercion and restarts. An input that sleeps,
 * retries or queues does the host's work. What `gather` throws is logged and counted; the next tick calls it again.
 *
 * ```ts
 * import { defineInput, z } from 'healthd/plugin';
 *
 * export default defineInput({
 *   name: 'queue_depth',
 *   summary: 'Jobs waiting in the queue',
 *   config: z.strictObject({ url: z.url().describe('Address that answers with the number of jobs') }),
 *   metrics: { queue: { fields: { depth: { type: 'int', unit: 'jobs', help: 'Jobs waiting' } } } },
 *   create: ({ url }, { http }) => ({
 *     async gather(acc, signal) {
 *       const { status, body } = await http({ method: 'GET', url }, signal);
 *       if (status !== 200) throw new Error(`The queue answered ${status}`);
 *       acc.add('queue', { depth: Number(body) });
 *     },
 *   }),
 * });
 * ```
 */
import type { FieldsOf, MetricCatalog } from '../metric/catalog.ts';
import type { Tags } from '../metric/metric.ts';

import type { Definition } from './definition.ts';
import type { ContextTable } from './notification.ts';
import type { z } from './schema.ts';

export interface InputPlugin<
  Schema extends z.ZodType = z.ZodType,
  Catalog extends MetricCatalog = MetricCatalog,
> extends Definition<Schema, Input<Catalog> | StreamInput<Catalog>> {
  readonly kind: 'input';
  readonly api: 1;
  /**
   * Every measurement, tag and field that the input may report; others are logged once. Field types never change between
   * versions. Empty: only the outside knows what there is, as with the output of programs.
   */
  readonly metrics: Catalog;
}

/** What an input may know besides its points. */
export interface Explains {
  /**
   * Called when an alert on one of the input's measurements fires and its rule wants the context `source`: what the source
   * knows of the object, such as the last lines of a container's log. Waited for 400 ms at most.
   *
   * @param tags those that identify the alert, with `host`
   */
  explain?(tags: Tags, signal: AbortSignal): Promise<readonly ContextTable[]>;
}

/** An input that is called at each interval. */
export interface Input<Catalog extends MetricCatalog = MetricCatalog> extends Explains {
  /** The signal aborts at the deadline (`timeout`, default the interval) and at stop; pass it to whatever waits. */
  gather(acc: Accumulator<Catalog>, signal: AbortSignal): Promise<void> | void;
  /** Releases what was opened. Called once, after the last gather. */
  stop?(): Promise<void> | void;
}

/** An input that reports when something happens. */
export interface StreamInput<Catalog extends MetricCatalog = MetricCatalog> extends Explains {
  /**
   * Runs until the signal aborts. If it ends or throws before that, the host calls it again with backoff (1 s to 1 min,
   * with jitter).
   */
  run(acc: Accumulator<Catalog>, signal: AbortSignal): Promise<void>;
}

/** Takes what an input reports. */
export interface Accumulator<Catalog extends MetricCatalog = MetricCatalog> {
  /**
   * Adds one point. The host adds `host` and the configured tags, coerces fields to the types of the catalog, and drops
   * numbers that are not finite, fields that are undefined, and tags that are undefined or empty. What contradicts the
   * catalog is logged, once for each measurement, field and reason.
   *
   * @param time nanoseconds since the Unix epoch. Default: the scheduled time of this gather; in `run`, now
   */
  add<Name extends keyof Catalog & string>(
    name: Name,
    fields: FieldsOf<Catalog[Name]>,
    tags?: Readonly<Record<string, string | undefined>>,
    time?: bigint,
  ): void;
  /** Reports one part that failed (one disk of many) while the others are fine. Logged and counted. */
  error(error: unknown): void;
}

/** Defines an input; the result is the module's export. */
export function defineInput<Schema extends z.ZodType, const Catalog extends MetricCatalog>(
  definition: Omit<InputPlugin<Schema, Catalog>, 'kind' | 'api'>,
): InputPlugin<Schema, Catalog> {
  return { kind: 'input', api: 1, ...definition };
}
