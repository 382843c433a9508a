import { defineProcessor, duration, z } from '../../plugin/index.ts';

import { createAggregator } from './aggregator.ts';
import { isStatistic } from './statistics.ts';

const statisticName = z.string().refine(isStatistic, {
  error: ({ input }) =>
    `${JSON.stringify(input)} is not a statistic; use min, max, mean, sum, count, stdev or p50 … p99.9`,
});

/** Statistics over windows of time. */
export const aggregate = defineProcessor({
  name: 'aggregate',
  summary: 'Minimum, maximum, mean, percentiles and the like of each series over windows of time',
  config: z.strictObject({
    period: duration('30s')
      .refine((ms) => ms >= 1, { error: 'A window must be at least 1ms long' })
      .describe('Length of a window; windows are aligned to the epoch'),
    grace: duration('5s').describe('How long after its end a window waits for metrics that come late'),
    stats: z
      .array(statisticName)
      .min(1)
      .default(['min', 'max', 'mean', 'count'])
      .describe('Any of min, max, mean, sum, count, stdev and percentiles such as p50, p95, p99.9'),
    drop_original: z
      .boolean()
      .default(false)
      .describe('Whether only the statistics go on, and not the metrics themselves'),
    max_series: z
      .number()
      .int()
      .positive()
      .default(10_000)
      .describe('Most series held at a time, counted per window; further ones pass as they are'),
  }),
  create: (options, { log }) => createAggregator({ ...options, stats: [...new Set(options.stats)] }, log),
});
