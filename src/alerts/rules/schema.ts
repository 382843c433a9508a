/** The parts of the section `alerts` that say what is an alert. What refers to metrics is checked when rules are compiled. */
import { ALERT_LEVELS, duration, z } from '../../plugin/index.ts';

import { WINDOW_FUNCTIONS, type WindowFunction } from './windows/functions.ts';

const MAX_TEXT = 1000;
const ID = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

const name = () => z.string().min(1).max(200);
const text = () => z.string().max(MAX_TEXT);

/** `90`, `90%`, `20GiB`, `50ms`: what it means is decided by the unit of the field. */
const limit = () => z.union([z.number(), z.string().min(1).max(40)]);

const withoutTime = {
  at: limit().describe('Beyond this the level is reached'),
  clear: limit()
    .optional()
    .describe('Back beyond this it ends; if not given: 5 % of the limit, or 5 points of percents'),
};

const line = () =>
  z.union([
    limit(),
    z.strictObject({
      ...withoutTime,
      for: duration().optional().describe('How long the level must be reached; as in the rule if not given'),
    }),
  ]);

function perLevel<Schema extends z.ZodType>(schema: () => Schema, description: string) {
  return z
    .strictObject({
      info: schema().optional().describe('For the level info'),
      warning: schema().optional().describe('For the level warning'),
      critical: schema().optional().describe('For the level critical'),
    })
    .describe(description);
}

const lines = (description: string) => perLevel(line, description);

/** A condition has no time of its own. */
const conditionLines = () => perLevel(() => z.union([limit(), z.strictObject(withoutTime)]), 'For each level');

const scalar = () => z.union([z.string(), z.number(), z.boolean()]).transform(String);
const where = () => z.record(name(), z.union([scalar(), z.array(scalar())]));
const value = () => z.union([z.string(), z.number(), z.boolean()]);

const condition = z.strictObject({
  metric: name().describe('measurement.field; tags as in the rule'),
  above: z.union([limit(), conditionLines()]).optional().describe('Must be above this, for all levels or for each'),
  below: z.union([limit(), conditionLines()]).optional().describe('Must be below this, for all levels or for each'),
});

const functionNames = Object.keys(WINDOW_FUNCTIONS) as [WindowFunction, ...WindowFunction[]];

const windowOf = (coverage: number) =>
  z.strictObject({
    of: duration().describe('Its length'),
    fn: z.enum(functionNames).default('mean').describe('What is made of the samples in it'),
    coverage: z.number().min(0).max(1).default(coverage).describe('Share of it that must have samples, 0 to 1'),
  });

const shape = {
  summary: text().optional().describe('One line; {{ value }}, {{ tags.path | upper }} and the like are filled in'),
  description: text().optional().describe('More about it, filled in the same way'),
  metric: name()
    .optional()
    .describe('What is judged: measurement.field')
    .meta({ examples: ['disk.used_percent'] }),
  where: where()
    .optional()
    .describe('Tags that the series must have: value, glob, ~regex, ! for not, or a list of these'),
  group_by: z.array(name()).optional().describe('Tags that make an alert of its own; all of the series if not given'),
  calc: text()
    .optional()
    .describe('Arithmetic in CEL on value and on other fields of the measurement, before the window'),
  window: windowOf(0.8).optional().describe('Judges what is made of the last samples instead of the last one'),
  baseline: windowOf(0.5)
    .optional()
    .describe('Judges how many times as much it is as what is made of the samples before it: what is usual'),
  across: z.enum(['max', 'min']).optional().describe('Of several series with the same group_by tags the worst counts'),
  above: lines('Too much is bad: the limit of each level').optional(),
  below: lines('Too little is bad: the limit of each level').optional(),
  equals: perLevel(() => z.union([value(), z.array(value())]), 'These values are bad: for each level').optional(),
  after_change: z.boolean().optional().describe('With equals: only if it was seen with another value before'),
  predict: z
    .strictObject({
      window: duration().describe('The samples that a line is fitted through'),
      reaches: limit().describe('The value that must not be reached'),
      within: perLevel(() => duration(), 'How soon: for each level'),
      coverage: z.number().min(0).max(1).default(0.6).describe('Share of the window that must have samples, 0 to 1'),
    })
    .optional()
    .describe('Judges when the value will be reached if it goes on like this'),
  deadman: z
    .strictObject({
      after: duration().describe('How long nothing was heard'),
      level: z.enum(ALERT_LEVELS).default('critical').describe('Of the alert'),
      forget: duration('14d').describe('After so long a silence it is expected no more, and the alert ends'),
    })
    .optional()
    .describe('Silence of a series is what is bad; remembered over restarts'),
  and: z
    .union([condition, z.array(condition)])
    .optional()
    .describe('Further conditions, with the same tags'),
  when: perLevel(text, 'In CEL, with measurement.field as variables: when a level is reached').optional(),
  clear: perLevel(text, 'In CEL: when a level of "when" has ended; when it is not reached if not given').optional(),
  unit: text().optional().describe('Of what calc gives; as the field if not given'),
  for: duration().optional().describe('How long a level must be reached, without a break, before it fires; default 0s'),
  keep_firing_for: duration().optional().describe('How long it must be over before it ends; default 0s'),
  max_gap: duration().optional().describe('A longer silence begins "for" anew; three times the interval if not given'),
  no_data: z
    .strictObject({
      after: duration('10m').describe('How long nothing was heard'),
      do: z.enum(['keep', 'ok', 'alert']).default('keep').describe('keep what it is, end it, or make it an alert'),
      level: z.enum(ALERT_LEVELS).default('warning').describe('Of the alert'),
    })
    .optional()
    .describe('When nothing is heard of the whole measurement'),
  series_gone: z
    .strictObject({
      after: duration('10m').describe('How long nothing was heard of it while others report'),
      do: z.enum(['resolve', 'keep']).default('resolve').describe('end it, or keep what it is'),
    })
    .optional()
    .describe('When this series alone is silent: a disk unmounted, a container removed'),
  labels: z.record(name(), text()).optional().describe('For routes and people'),
  runbook: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address of what to do then'),
  context: z
    .array(z.enum(['top_cpu', 'top_memory', 'containers']))
    .optional()
    .describe('What is captured when it fires, beside CPU, memory and disk of the host'),
  repeat: perLevel(
    () => duration(),
    'How often it is said again: for each level; as in the route if not given',
  ).optional(),
  notify: z.boolean().optional().describe('false: for the history only; default true'),
};

export const ruleSchema = z.strictObject({
  id: z
    .string()
    .regex(ID, 'must be up to 64 letters, digits, "_", "-" and ".", the first a letter')
    .optional()
    .describe('Unique name'),
  override: z.string().optional().describe('Instead of id: the stock rule that is changed, key by key'),
  ...shape,
});

export type RuleConfig = z.output<typeof ruleSchema>;
/** As written, before durations are read. */
export type WrittenRule = z.input<typeof ruleSchema>;

/** The short form: the warning line of a stock rule, by what people call it. */
export const thresholdsSchema = z.strictObject({
  cpu: limit().optional().describe('CPU usage, as in 90%'),
  mem: limit().optional().describe('Memory in use, as in 90%'),
  swap: limit().optional().describe('Swap in use, as in 80%'),
  disk: limit().optional().describe('Disk space in use, as in 85%'),
  inodes: limit().optional().describe('Inodes in use, as in 85%'),
  load: limit().optional().describe('Load of 5 minutes for each CPU, as in 2'),
  temp: limit().optional().describe('Temperature in degrees Celsius'),
  container_mem: limit().optional().describe('Memory of a container, share of its limit, as in 90%'),
});

export type Thresholds = z.output<typeof thresholdsSchema>;
