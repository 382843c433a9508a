/** What the API answers to requests that act on the agent itself. */
import { z } from '../plugin/index.ts';

/** `POST /api/v1/reload`: what has changed. Lists are empty if the configuration has not changed. */
export const reloadAnswer = z.object({
  /** Of the configuration; empty for the built-in default. */
  files: z.array(z.string()).readonly(),
  changed: z.array(z.string()).readonly(),
  started: z.array(z.string()).readonly(),
  stopped: z.array(z.string()).readonly(),
  /** healthd was replaced while it ran. */
  warning: z.string().optional(),
});

/** `POST /api/v1/stop`. */
export const stopAnswer = z.object({
  pid: z.number(),
  /** By when it has ended, ms from now. */
  within: z.number(),
});

/** `POST /api/v1/history/flush`. */
export const flushAnswer = z.object({});

export type ReloadAnswer = z.infer<typeof reloadAnswer>;
export type StopAnswer = z.infer<typeof stopAnswer>;
