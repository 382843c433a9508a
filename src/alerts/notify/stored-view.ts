import { z } from '../../plugin/index.ts';
import { ALERT_LEVELS, LEVELS, type AlertView } from '../../plugin/notification.ts';

/** An alert in the store. JSON omits what is undefined. Written by this program, so only what routes and planning use is checked. */
export const storedView = z
  .looseObject({
    fingerprint: z.string(),
    rule: z.string(),
    host: z.string(),
    status: z.enum(['firing', 'resolved']),
    level: z.enum(ALERT_LEVELS),
    previousLevel: z.enum(LEVELS),
    summary: z.string(),
    startsAt: z.number(),
    tags: z.record(z.string(), z.string()),
    labels: z.record(z.string(), z.string()),
    context: z.array(z.unknown()),
    flapping: z.boolean(),
  })
  .transform((view) => view as unknown as AlertView);
