import { defineProcessor, duration, z, type MetricSpec } from '../../plugin/index.ts';

import { createAggregator } from './aggregator.ts';
import { isStatistic, statistic } from './statistics.ts';

const statisticName = z.string().refine(isStatistic, {
  error: ({ input }) =>
    `${JSON.stringify(input)} is not a statistic; use min, max, mean, sum, count, stdev or p50 … p99.9`,
});

const COUNT = { type: 'int', help: 'Number of values in the window' } as const;

/** Statistics over time windows. */
export const aggregate = defineProcessor({
  name: 'aggregate',
  summary: 'Minimum, maximum, mean, percentiles and other statistics of each series over time windows',
  config: z.strictObject({
    period: duration('30s')
      .refine((ms) => ms >= 1, { error: 'A window must be at least 1ms long' })
      .describe('Length of a window; windows are aligned to the epoch'),
    grace: duration('5s').describe('Time that a window waits for late metrics after its end'),
    stats: z
      .array(statisticName)
      .min(1)
      .default(['min', 'max', 'mean', 'count'])
      .describe('Statistics to report: min, max, mean, sum, count, stdev, and percentiles such as p50, p95, p99.9'),
    drop_original: z.boolean().default(false).describe('Passes on only the statistics, not the original metrics'),
    max_series: z
      .number()
      .int()
      .positive()
      .default(10_000)
      .describe(
        'Maximum number of series held at a time, counted per window; metrics of further series pass without statistics',
      ),
  }),
  catalog: ({ stats }, given) =>
    Object.fromEntries(
      Object.entries(given).map(([name, spec]) => [name, { ...spec, fields: withStatistics(spec.fields, stats) }]),
    ),
  create: (options, { log }) => createAggregator({ ...options, stats: [...new Set(options.stats)] }, log),
});

function withStatistics(fields: MetricSpec['fields'], stats: readonly string[]): MetricSpec['fields'] {
  const added = Object.entries(fields).flatMap(([field, spec]) =>
    stats.map((name) => [field + statistic(name).suffix, name === 'count' ? COUNT : spec] as const),
  );
  return { ...fields, ...Object.fromEntries(added) };
}
