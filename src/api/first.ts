/** What `index.html` carries in `<script type="application/json" id="first">`, so that sentences stand before any script runs. */
import { z } from '../plugin/index.ts';

import { sessionAnswer } from './agent.ts';
import { findingsAnswer, hostInfo } from './host.ts';
import { liveSample, liveSeries } from './stream.ts';

export const firstData = z.object({
  /** ms since the Unix epoch. */
  now: z.number(),
  session: sessionAnswer,
  /** The rest is missing for a caller who may not read, and while it is not known. */
  host: hostInfo.optional(),
  /** On a hub, when the address names another host: `host` is that one, as far as the hub knows it. */
  elsewhere: z
    .object({
      /** At the hub. */
      id: z.string(),
      /** As the address names it: its name, or its id where several have that name. */
      path: z.string(),
      /** Name of the hub's own host. */
      hub: z.string(),
    })
    .optional(),
  /** As in `GET /api/v1/hosts`. */
  isHub: z.boolean().optional(),
  findings: findingsAnswer.optional(),
  /** The newest sample of the live view. */
  live: z.object({ series: liveSeries, sample: liveSample }).optional(),
});

export type FirstData = z.infer<typeof firstData>;
