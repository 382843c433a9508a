/** The rules of the section `alerts`. References to metrics are checked when rules are compiled. */
import { ALERT_LEVELS, duration, z } from '../../plugin/index.ts';

import { patchOf, type Patch } from './override.ts';
import { HOST_FUNCTIONS } from './rule.ts';
import { WINDOW_FUNCTIONS, type WindowFunction } from './sample-windows/functions.ts';

const MAX_TEXT = 1000;
const ID = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

const name = () => z.string().min(1).max(200);
const text = () => z.string().max(MAX_TEXT);

/** `90`, `90%`, `20GiB`, `50ms`: interpreted by the unit of the field. */
const limit = () => z.union([z.number(), z.string().min(1).max(40)]);

const atAndClear = () => ({
  at: limit().describe('Threshold that reaches the level'),
  clear: limit()
    .optional()
    .describe('Threshold that clears the level; default: 5 percentage points back, for other units 5 % of the limit'),
});

const threshold = () =>
  z.union([
    limit(),
    z.strictObject({
      ...atAndClear(),
      for: duration().optional().describe('How long the level must be reached; default: for of the rule'),
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

const thresholds = (description: string) => perLevel(threshold, description);

/** The thresholds of a condition have no `for`. */
const conditionThreshold = () => z.union([limit(), z.strictObject(atAndClear())]);
const conditionThresholds = () => z.union([conditionThreshold(), perLevel(conditionThreshold, 'For each level')]);

const scalar = () => z.union([z.string(), z.number(), z.boolean()]).transform(String);
const where = () => z.record(name(), z.union([scalar(), z.array(scalar())]));
const value = () => z.union([z.string(), z.number(), z.boolean()]);

const condition = () =>
  z.strictObject({
    metric: name().describe('measurement.field, with the tags of the rule'),
    above: conditionThresholds()
      .optional()
      .describe('Must be above this, or while it fires above its clear threshold; one value or one per level'),
    below: conditionThresholds()
      .optional()
      .describe('Must be below this, or while it fires below its clear threshold; one value or one per level'),
  });

const functionNames = Object.keys(WINDOW_FUNCTIONS) as [WindowFunction, ...WindowFunction[]];

const windowOf = (coverage: number) =>
  z.strictObject({
    of: duration().describe('Length of the window'),
    fn: z.enum(functionNames).default('mean').describe('Function over the samples of the window'),
    coverage: z.number().min(0).max(1).default(coverage).describe('Share of the window that must have samples, 0 to 1'),
  });

/** What makes one value out of those of many hosts. */
const overHosts = () =>
  z.strictObject({
    fn: z
      .enum(HOST_FUNCTIONS)
      .describe(
        'count: number of hosts; share: percent of the hosts that report; both of those that above, below or equals selects. sum, mean, max, min: of all values',
      ),
    above: limit().optional().describe('With count and share: hosts with a value above this'),
    below: limit().optional().describe('With count and share: hosts with a value below this'),
    equals: z
      .union([value(), z.array(value())])
      .optional()
      .describe('With count and share: hosts with this value, or one of these'),
    fresh: duration()
      .optional()
      .describe('How long a value counts, for hosts that fall silent; default: three of its intervals, at least 1m'),
  });

/** What a rule evaluates, and its thresholds. */
const evaluation = () => ({
  metric: name()
    .optional()
    .describe('Field to evaluate, as measurement.field')
    .meta({ examples: ['disk.used_percent'] }),
  where: where()
    .optional()
    .describe('Tags that the series must have: value, glob, ~regex, ! for not, or a list of these'),
  group_by: z
    .array(name())
    .optional()
    .describe(
      'Tags that identify an alert; a|b is the first of these that a series has; default: all tags of the series',
    ),
  calc: text()
    .optional()
    .describe('CEL arithmetic on value and on other fields of the measurement, applied before the window'),
  window: windowOf(0.8).optional().describe('Evaluates a function over the last samples instead of the last sample'),
  baseline: windowOf(0.5).optional().describe('Evaluates the ratio of the value to its baseline, over earlier samples'),
  across: z
    .enum(['max', 'min'])
    .optional()
    .describe(
      'Evaluates the max or min of all series with the same group_by tags; with equals: the worst or best level',
    ),
  hosts: overHosts()
    .optional()
    .describe('On a hub: evaluates one value over all hosts, instead of each series; an alert has no host'),
  above: thresholds('Thresholds for values that are too high').optional(),
  below: thresholds('Thresholds for values that are too low').optional(),
  equals: perLevel(() => z.union([value(), z.array(value())]), 'Bad values for each level').optional(),
  after_change: z.boolean().optional().describe('With equals: fires only after a good value was seen'),
  predict: z
    .strictObject({
      window: duration().describe('Length of the window for the linear fit'),
      reaches: limit().describe('Value that must not be reached'),
      within: perLevel(() => duration(), 'Time until the value is reached, for each level'),
      coverage: z.number().min(0).max(1).default(0.6).describe('Share of the window that must have samples, 0 to 1'),
    })
    .optional()
    .describe('Predicts by linear regression when a value will be reached'),
  deadman: z
    .strictObject({
      after: duration().describe('Time without data until it fires'),
      level: z.enum(ALERT_LEVELS).default('critical').describe('Level of the alert'),
      forget: duration('14d').describe('Time without data until the series is forgotten and the alert resolved'),
    })
    .optional()
    .describe('A heartbeat rule: fires when a series stops reporting, unless its input is removed; survives restarts'),
  and: z
    .union([condition(), z.array(condition())])
    .optional()
    .describe('Further conditions, on the same tags'),
  when: perLevel(text, 'CEL expression with measurement.field as variables: the level is reached if true').optional(),
  clear: perLevel(
    text,
    'CEL expression: the level of when is cleared if true; default: when it is not reached',
  ).optional(),
  unit: text().optional().describe('Unit of the result of calc; default: the unit of the field'),
});

/** When a rule fires and resolves. */
const timing = () => ({
  for: duration().optional().describe('How long a level must be reached without a break before it fires; default 0s'),
  keep_firing_for: duration()
    .optional()
    .describe('How long the alert must be cleared before it is resolved; default 0s'),
  max_gap: duration()
    .optional()
    .describe('A longer gap between samples restarts for; default: three times the interval'),
  no_data: z
    .strictObject({
      after: duration('10m').describe('Time without data'),
      do: z
        .enum(['keep', 'ok', 'alert'])
        .default('keep')
        .describe('keep the state, resolve the alert (ok), or fire (alert)'),
      level: z.enum(ALERT_LEVELS).default('warning').describe('Level of the alert'),
    })
    .optional()
    .describe('When the whole measurement stops reporting'),
  series_gone: z
    .strictObject({
      after: duration('10m').describe('Time without data while other series report'),
      do: z.enum(['resolve', 'keep']).default('resolve').describe('resolve the alert, or keep the state'),
    })
    .optional()
    .describe('When only this series stops reporting: a disk unmounted, a container removed'),
});

const buildRuleSchema = () =>
  z.strictObject({
    id: z
      .string()
      .regex(ID, 'must be up to 64 letters, digits, "_", "-" and ".", the first a letter')
      .optional()
      .describe('Unique name'),
    summary: text().optional().describe('One line; may contain {{ value }}, {{ tags.path | upper }} and the like'),
    description: text().optional().describe('More details; a template like summary'),
    ...evaluation(),
    ...timing(),
    labels: z.record(name(), text()).optional().describe('Labels for routes and notifications'),
    runbook: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('URL of the runbook'),
    context: z
      .array(z.enum(['top_cpu', 'top_memory', 'containers', 'source']))
      .optional()
      .describe('Context to capture when it fires, besides CPU, memory and disk usage of the host'),
    repeat: perLevel(
      () => duration(),
      'Repeat interval of notifications for each level; default: that of the route',
    ).optional(),
    notify: z.boolean().optional().describe('false: history only, no notifications; default true'),
  });

let built: ReturnType<typeof buildRuleSchema> | undefined;

/** Built for the first rule of a configuration: most have none, and this is nearly half of all schemas. */
export function ruleSchema(): ReturnType<typeof buildRuleSchema> {
  built ??= buildRuleSchema();
  return built;
}

const overrideSchema = z.lazy(() => {
  const override = z.string().describe('Id of a stock rule to change, instead of id; keys that are not written stay');
  return (patchOf(ruleSchema()) as z.ZodObject).extend({ override }) as unknown as z.ZodType<
    Override,
    Patch<WrittenRule> & { readonly override: string }
  >;
});

/** A rule, or a change to a stock rule. */
export const ruleEntrySchema = z.union([z.lazy(ruleSchema), overrideSchema]);

export type RuleConfig = z.output<ReturnType<typeof buildRuleSchema>>;
export type Override = Patch<RuleConfig> & { readonly override: string };
export type RuleEntry = z.output<typeof ruleEntrySchema>;
/** As written, before durations are parsed. */
export type WrittenRule = z.input<ReturnType<typeof buildRuleSchema>>;
export type WrittenEntry = z.input<typeof ruleEntrySchema>;

/** Warning thresholds of stock rules, by short names. */
export const thresholdsSchema = z.strictObject({
  cpu: limit().optional().describe('CPU usage, such as 90%'),
  mem: limit().optional().describe('Memory usage, such as 90%'),
  swap: limit().optional().describe('Swap usage, such as 80%'),
  disk: limit().optional().describe('Disk usage, such as 85%'),
  inodes: limit().optional().describe('Inode usage, such as 85%'),
  load: limit().optional().describe('5-minute load per CPU, such as 2'),
  temp: limit().optional().describe('Temperature in degrees Celsius'),
  container_mem: limit().optional().describe('Memory usage of a container, share of its limit, such as 90%'),
});

export type Thresholds = z.output<typeof thresholdsSchema>;
