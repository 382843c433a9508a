/** The section `alerts` of the configuration. */
import { bytes, duration, proxy, z } from '../plugin/index.ts';

import { routingShape } from './audience/schema.ts';
import { ruleEntrySchema, thresholdsSchema } from './rules/schema.ts';

const DAY_MS = 86_400_000;

export const alertsSchema = z.strictObject({
  defaults: z
    .enum(['standard', 'minimal', 'off'])
    .default('standard')
    .describe('Stock rules: standard (all that fit the inputs), minimal (urgent ones) or off'),
  thresholds: thresholdsSchema
    .optional()
    .describe('Warning thresholds of stock rules, such as { cpu: 90%, mem: 90%, disk: 85% }'),
  rules: z.array(ruleEntrySchema).default([]).describe('Your own rules, and changes to stock rules'),
  ...routingShape,
  startup_grace: duration('60s').describe('Time after the start during which missing data does not fire'),
  flapping: z
    .strictObject({
      changes: z.number().int().min(0).default(5).describe('Number of changes that count as flapping; 0 disables it'),
      within: duration('1h').describe('Time window for counting changes'),
      quiet: duration('30m').describe('Time without a change that ends flapping'),
    })
    .prefault({})
    .describe('Flapping alerts: one notification when flapping starts, one when it ends'),
  history: duration('90d')
    .refine((ms) => ms >= DAY_MS, 'must be 1d or longer')
    .describe('Retention of the history'),
  log: z
    .strictObject({
      path: z.string().min(1).optional().describe('Path of the file; default: alerts.log in the state directory'),
      max_size: bytes('10MiB').describe('Size at which the file is rotated'),
      keep: z.number().int().min(1).default(5).describe('Number of rotated files to keep'),
      gzip: z.boolean().default(true).describe('Compresses rotated files'),
    })
    .prefault({})
    .describe('Audit log of alerts as JSON lines'),
  heartbeat: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
        .describe('URL that a monitoring service expects to be called; often a secret')
        .meta({ secret: true, examples: ['https://hc-ping.com/your-uuid'] }),
      every: duration('1m')
        .refine((ms) => ms >= 10_000, 'must be 10s or longer')
        .describe('Time between calls'),
      proxy: proxy(),
    })
    .optional()
    .describe('Calls a URL while rules are evaluated and no receiver has failed for 10 minutes'),
  public_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'URL at which readers of messages reach the page; messages then link to alerts, and to the forms that acknowledge and silence them. Default: no links',
    ),
  timezone: z
    .string()
    .optional()
    .describe('IANA time zone of the times in notifications, such as Europe/Athens; default: the zone of the system'),
});

export type AlertsConfig = z.output<typeof alertsSchema>;
