/** Tests of rules, as `healthd rules test` reads them: series that are made up, and what shall come of them. */
import { duration, z } from '../../plugin/index.ts';
import { LEVELS } from '../../plugin/notification.ts';
import { alertsSchema } from '../schema.ts';

const values = () =>
  z
    .union([z.string().min(1), z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).min(1)])
    .describe('Values, one for each interval: "70 86x4 _ 79x10", where x repeats and _ is a missing one; or a list');

const expectation = z.strictObject({
  at: duration().describe('Time since the first value'),
  status: z.enum(['ok', 'pending', 'firing', 'recovering']).describe('What the alert is then'),
  level: z.enum(LEVELS).optional().describe('And its level; any if not given'),
});

const test = z.strictObject({
  name: z.string().min(1).describe('What is tested'),
  rule: z.string().min(1).describe('Id of the rule'),
  tags: z
    .record(z.string().min(1), z.coerce.string())
    .default({})
    .describe('Tags of the series; host is web1 if not given'),
  interval: duration('10s').describe('Time between two values'),
  series: z.record(z.string().min(1), values()).describe('measurement.field: values'),
  expect: z.array(expectation).min(1).describe('What shall come of them'),
});

export const trialSchema = z.strictObject({
  alerts: alertsSchema.optional().describe('The rules to test; those of the configuration if not given'),
  tests: z.array(test).min(1).describe('What is tried'),
});

export type TrialFile = z.output<typeof trialSchema>;
export type RuleTest = TrialFile['tests'][number];
export type Expectation = RuleTest['expect'][number];
