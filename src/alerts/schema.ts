/** The section `alerts` of the configuration. */
import { bytes, duration, z } from '../plugin/index.ts';

import { routingShape } from './routing/schema.ts';
import { ruleSchema, thresholdsSchema } from './rules/schema.ts';

const DAY_MS = 86_400_000;

export const alertsSchema = z.strictObject({
  defaults: z
    .enum(['standard', 'minimal', 'off'])
    .default('standard')
    .describe('Which stock rules are used: all that fit the inputs, only what cannot wait, or none'),
  thresholds: thresholdsSchema
    .optional()
    .describe('The short form: limits of stock rules, such as { cpu: 90%, mem: 90%, disk: 85% }'),
  rules: z.array(ruleSchema).default([]).describe('Rules of your own, and changes of stock rules'),
  ...routingShape,
  startup_grace: duration('60s').describe('After the start, how long silence is no alert'),
  flapping: z
    .strictObject({
      changes: z.number().int().min(0).default(5).describe('So many changes are flapping; 0 switches it off'),
      within: duration('1h').describe('Time in which they are counted'),
      quiet: duration('30m').describe('Time without a change after which it is over'),
    })
    .prefault({})
    .describe('Alerts that come and go are told once, and again when they have calmed down'),
  history: duration('90d')
    .refine((ms) => ms >= DAY_MS, 'must be 1d or longer')
    .describe('How long the history is kept'),
  log: z
    .strictObject({
      path: z.string().min(1).optional().describe('The file; alerts.log in the state directory if not given'),
      max_size: bytes('10MiB').describe('Size at which the file is rotated'),
      keep: z.number().int().min(1).default(5).describe('How many rotated files are kept'),
      gzip: z.boolean().default(true).describe('Compresses rotated files'),
    })
    .prefault({})
    .describe('The audit log as JSON lines: everything that happened to alerts'),
  public_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address under which people reach this healthd, for links in messages'),
});

export type AlertsConfig = z.output<typeof alertsSchema>;
