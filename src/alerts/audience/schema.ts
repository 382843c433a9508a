/** The parts of the section `alerts` about who is notified, and when. References to other parts are checked later. */
import { duration, z, type AlertLevel } from '../../plugin/index.ts';

import type { Pattern } from './patterns.ts';

/** Deep enough for any tree of teams; a bound lets editors know every level. */
const MAX_DEPTH = 5;

const name = () => z.string().min(1).max(100);

function listOf(text: string) {
  return z
    .union([name(), z.array(name())])
    .transform((given) => (typeof given === 'string' ? [given] : given))
    .describe(text);
}

const plain = () => z.union([z.string(), z.number(), z.boolean()]).transform(String);

const pattern = () => z.union([plain(), z.array(plain())]);

function match(text: string) {
  return z
    .record(name(), pattern())
    .describe(text)
    .meta({ examples: [{ level: 'critical', host: 'web*' }] });
}

function perLevel<Schema extends z.ZodType>(schema: () => Schema, text: string) {
  const levels = z.strictObject({
    info: schema().optional().describe('for the level info'),
    warning: schema().optional().describe('for the level warning'),
    critical: schema().optional().describe('for the level critical'),
  });
  return z.union([schema(), levels]).describe(text);
}

const repeatTime = () => z.union([z.literal('never'), duration()]);

const escalation = z.strictObject({
  after: duration().describe('how long it has fired since the first notification'),
  unless: z.enum(['acked', 'never']).default('acked').describe('acked spares those that somebody has acknowledged'),
  notify: listOf('names of further notifiers'),
});

const routeShape = {
  name: name().optional().describe('identifies its groups, so that a named route can be changed freely'),
  notify: listOf('names of the notifiers; none: only the history').optional(),
  match: match('labels that an alert must have: value, glob, ~regex, ! for not, or a list of these').optional(),
  group_by: z
    .array(z.string().min(1))
    .optional()
    .describe('labels; alerts with equal values share notifications. ["..."]: each alone, []: all together'),
  group_wait: perLevel(
    () => duration(),
    'how long a new group waits for more alerts; for all levels or for each',
  ).optional(),
  group_interval: duration().optional().describe('least time between two notifications of a group'),
  repeat: perLevel(
    repeatTime,
    'how often it is said again while it fires, or never; for all levels or for each',
  ).optional(),
  mute: listOf('time windows without notifications').optional(),
  active: listOf(
    'time windows in which the route applies; otherwise alerts take the routes after it, or the route around it',
  ).optional(),
  escalate: z.array(escalation).optional().describe('whom to tell when it goes on'),
  continue: z.boolean().default(false).describe('also ask the routes after this one'),
};

export interface EscalationConfig {
  readonly after: number;
  readonly unless: 'acked' | 'never';
  readonly notify: readonly string[];
}

type PerLevel<T> = T | { readonly [Level in AlertLevel]?: T | undefined };

/** Durations in ms. */
export interface RouteConfig {
  readonly name?: string | undefined;
  readonly notify?: readonly string[] | undefined;
  readonly match?: Readonly<Record<string, Pattern>> | undefined;
  readonly group_by?: readonly string[] | undefined;
  readonly group_wait?: PerLevel<number> | undefined;
  readonly group_interval?: number | undefined;
  readonly repeat?: PerLevel<number | 'never'> | undefined;
  readonly mute?: readonly string[] | undefined;
  readonly active?: readonly string[] | undefined;
  readonly escalate?: readonly EscalationConfig[] | undefined;
  readonly continue: boolean;
  readonly routes?: readonly RouteConfig[] | undefined;
}

function routeSchema(depth: number): z.ZodType<RouteConfig> {
  if (depth === 0) return z.strictObject(routeShape);
  const routes = z
    .array(routeSchema(depth - 1))
    .optional()
    .describe('narrower routes; the first that matches counts. What they do not say they take from this one');
  return z.strictObject({ ...routeShape, routes });
}

const inhibition = z.strictObject({
  when: match('the alert that explains others'),
  mute: match('alerts that are muted while it fires'),
  same: z.array(name()).default([]).describe('labels that both must have alike'),
});

const timeWindow = z.strictObject({
  zone: z.string().default('UTC').describe('IANA time zone, such as Europe/Athens'),
  days: z.array(z.string()).min(1).optional().describe('days or ranges of days, such as mon-fri'),
  times: z.array(z.string()).min(1).optional().describe('such as 22:00-06:00, which belongs to the day it begins on'),
  days_of_month: z
    .array(z.union([z.number(), z.string()]))
    .min(1)
    .optional()
    .describe('such as 1, -1 for the last one, or -3..-1'),
  months: z
    .array(z.union([z.number(), z.string()]))
    .min(1)
    .optional()
    .describe('such as jan, jun-aug or 12'),
});

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

/** TOML has times of its own, the other formats have texts. */
const instant = () =>
  z.union([z.string(), z.date()]).transform((given, context) => {
    const ms = given instanceof Date ? given.getTime() : INSTANT.test(given) ? Date.parse(given) : Number.NaN;
    if (!Number.isNaN(ms)) return ms;
    const message = 'This is not a time; write it with its zone, like 2030-12-01T06:00:00Z';
    context.issues.push({ code: 'custom', message, input: given });
    return z.NEVER;
  });

const silence = z.strictObject({
  match: match('labels of the alerts to silence'),
  from: instant().optional().describe('when it begins, such as 2030-11-30T18:00:00Z; default: it has begun'),
  until: instant().describe('when it ends'),
  comment: z.string().min(1).max(1000).describe('why'),
  by: z.string().min(1).max(100).describe('who has decided that'),
});

/** To be spread into the schema of `alerts`. */
export const routingShape = {
  route: routeSchema(MAX_DEPTH)
    .optional()
    .describe('who is notified of what; default: every notifier of everything, grouped by host'),
  inhibit: z.array(inhibition).default([]).describe('alerts that are muted while another one explains them'),
  time_windows: z.record(name(), timeWindow).default({}).describe('recurring times, for mute and active of a route'),
  silences: z.array(silence).default([]).describe('silences, each with an end'),
};

export const routingSchema = z.strictObject(routingShape);
export type RoutingConfig = z.output<typeof routingSchema>;
export type WindowConfig = z.output<typeof timeWindow>;
