/** One line for each host of a hub. Times are ms since the Unix epoch. */
import { z } from '../plugin/index.ts';

export const LINE_METRIC_NAMES = ['cpu', 'memory', 'load'] as const;

/** `GET /api/v1/fleet/lines`. */
export const fleetLinesAnswer = z.object({
  /** Start of the first bucket. */
  from: z.number(),
  step: z.number(),
  /** Those that have any value in the range. Per cent, or the load of one minute. */
  lines: z.array(z.object({ id: z.string(), name: z.string(), values: z.array(z.number().nullable()) })),
});

export type FleetLinesAnswer = z.output<typeof fleetLinesAnswer>;
