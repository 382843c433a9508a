/**
 * A processor changes, drops or replaces metrics between the inputs and the journal, in the order of the configuration. It is
 * synchronous, so that metrics keep their order, and every metric of the agent passes it: it should do little.
 *
 * A processor that throws lets the metric pass unchanged; the error is logged and counted.
 *
 * ```ts
 * import { defineProcessor, z } from 'healthd/plugin';
 *
 * export default defineProcessor({
 *   name: 'lowercase_tag',
 *   summary: 'Writes the values of one tag in lower case',
 *   config: z.strictObject({ tag: z.string().min(1).describe('Key of the tag') }),
 *   create: ({ tag }) => ({
 *     process(metric) {
 *       const value = metric.tags[tag];
 *       if (value === undefined) return metric;
 *       return { ...metric, tags: { ...metric.tags, [tag]: value.toLowerCase() } };
 *     },
 *   }),
 * });
 * ```
 */
import type { MetricCatalog } from '../metric/catalog.ts';
import type { Metric } from '../metric/metric.ts';

import type { Definition } from './definition.ts';
import type { z } from './schema.ts';

export interface ProcessorPlugin<Schema extends z.ZodType = z.ZodType> extends Definition<Schema, Processor> {
  readonly kind: 'processor';
  readonly api: 1;
  /**
   * What the metrics of a catalog are called behind this processor, so that a misspelled name in a rule is found. Default: rules
   * may use any name.
   */
  catalog?(config: z.output<Schema>, given: MetricCatalog): MetricCatalog;
}

export interface Processor {
  /**
   * Returns the metric, another one, several, or `undefined` to drop it. Never changes its argument; returning the
   * argument itself costs nothing.
   */
  process(metric: Metric): Metric | readonly Metric[] | undefined;
  /**
   * Releases metrics that were held back (windows). Called about once a second, and once at stop with `final`.
   *
   * @param now milliseconds since the Unix epoch
   */
  flush?(now: number, final: boolean): readonly Metric[];
  /** Releases what was opened. Called once, after the last `process` and `flush`. */
  stop?(): Promise<void> | void;
}

/** Defines a processor; the result is the module's export. */
export function defineProcessor<Schema extends z.ZodType>(
  definition: Omit<ProcessorPlugin<Schema>, 'kind' | 'api'>,
): ProcessorPlugin<Schema> {
  return { kind: 'processor', api: 1, ...definition };
}
