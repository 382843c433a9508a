/** The file format of `healthd rules test`: synthetic series, and the expected states of an alert. */
import { duration, z } from '../../plugin/index.ts';
import { LEVELS } from '../../plugin/notification.ts';
import { alertsSchema } from '../schema.ts';

const values = () =>
  z
    .union([z.string().min(1), z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).min(1)])
    .describe('One value per interval: "70 86x4 _ 79x10", where x repeats and _ is a missing value; or a list');

const expectation = z.strictObject({
  at: duration().describe('Time since the first value'),
  status: z.enum(['ok', 'pending', 'firing', 'recovering']).describe('Expected status'),
  level: z.enum(LEVELS).optional().describe('Expected level; default: any'),
});

const series = () => z.record(z.string().min(1), values());

const test = z.strictObject({
  name: z.string().min(1).describe('Name of the test'),
  rule: z.string().min(1).describe('Id of the rule'),
  tags: z.record(z.string().min(1), z.coerce.string()).default({}).describe('Tags of the series; default: host web1'),
  interval: duration('10s').describe('Time between two values'),
  series: series().default({}).describe('measurement.field: values'),
  hosts: z
    .record(z.string().min(1), series())
    .default({})
    .describe('Instead of series, for a rule across hosts: name of each host, and its series'),
  expect: z.array(expectation).min(1).describe('Expected states'),
});

export const trialSchema = z.strictObject({
  alerts: alertsSchema.optional().describe('Rules to test; default: those of the configuration'),
  tests: z.array(test).min(1).describe('Tests to run'),
});

export type TrialFile = z.output<typeof trialSchema>;
export type RuleTest = TrialFile['tests'][number];
export type Expectation = RuleTest['expect'][number];
