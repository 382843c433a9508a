/** Compiles one rule. */
import { createHash } from 'node:crypto';

import type { Tags } from '../../metric/metric.ts';
import { ALERT_LEVELS, type AlertLevel } from '../../plugin/notification.ts';
import { compilePattern } from '../audience/patterns.ts';

import { comparedOf } from './compared.ts';
import { describeRule } from './describe-rule.ts';
import { faultsOf, InvalidRule, RuleFault, UnitFault } from './rule-fault.ts';
import { everywhere, findField, isFault, type FieldRef, type KnownFields } from './fields.ts';
import { hostsTemplate, withoutHosts } from './over-hosts.ts';
import { planOf, type Plan } from './plan.ts';
import type { Facts, Rule, Timing, Watch } from './rule.ts';
import type { RuleConfig } from './schema.ts';
import { render, templateFault } from './template.ts';

/** Default of `no_data.after` and `series_gone.after`. */
const DEFAULT_SILENCE_MS = 600_000;

/** @throws InvalidRule with every fault that can be found */
export async function buildRule(config: RuleConfig, known: KnownFields): Promise<Rule> {
  const id = config.id ?? '';
  const { plan, matchesTags } = await checked(config, known);
  const unit = config.unit ?? plan.unit;
  const summary = summaryOf(config, plan);
  const rule = {
    id,
    revision: createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 16),
    groupBy:
      config.hosts === undefined ? config.group_by?.flatMap(alternatives) : groupOf(config).flatMap(alternatives),
    merges: config.across !== undefined,
    labels: config.labels ?? {},
    runbook: config.runbook,
    notify: config.notify ?? true,
    direction: plan.direction,
    unit,
    thresholds: plan.thresholds,
    compared: config.hosts === undefined ? comparedOf(config, plan) : undefined,
    timing: timingOf(config, plan.levels),
    ...silenceOf(config),
    hosts: plan.hosts,
    repeat: defined(config.repeat ?? {}),
    // Of many hosts there is no usage.
    context: config.hosts === undefined ? ['host' as const, ...(config.context ?? [])] : [],
    watch: watcherOf(config, plan, matchesTags),
    createEvaluator: (isFiring?: boolean) => plan.createEvaluator(isFiring ?? false),
    summary,
    description: (facts: Facts) => (config.description === undefined ? undefined : render(config.description, facts)),
  };
  return { ...rule, explain: () => describeRule(rule, config, plan) };
}

function silenceOf({ no_data, series_gone, deadman }: RuleConfig): Pick<Rule, 'noData' | 'seriesGone' | 'isDeadman'> {
  if (deadman !== undefined) {
    return {
      noData: { after: deadman.after, action: 'alert', level: deadman.level },
      seriesGone: { after: deadman.forget, action: 'resolve', isAlone: false },
      isDeadman: true,
    };
  }
  const { after = DEFAULT_SILENCE_MS, do: action = 'keep', level = 'warning' } = no_data ?? {};
  return {
    noData: { after, action, level },
    seriesGone: {
      after: series_gone?.after ?? DEFAULT_SILENCE_MS,
      action: series_gone?.do ?? 'resolve',
      isAlone: true,
    },
    isDeadman: false,
  };
}

const NO_HUB = '"hosts" is for a hub: this agent sees no other hosts';
const NO_HUB_HINT = 'add the section "hub" if others send to it; otherwise move the rule to the hub';

interface Checked {
  readonly plan: Plan;
  readonly matchesTags: (tags: Tags) => boolean;
}

async function checked(config: RuleConfig, known: KnownFields): Promise<Checked> {
  const faults: RuleFault[] = [];
  const report = (error: unknown): void => {
    // Without the field its unit is not known either.
    const isFieldKnown = !faults.some(({ path }) => path.includes('metric'));
    for (const fault of faultsOf(error)) {
      // An input that is missing is one mistake, however many of its fields are used.
      if (faults.some(({ message }) => message === fault.message)) continue;
      if (isFieldKnown || !(fault instanceof UnitFault)) faults.push(fault);
    }
  };
  /** Goes on with an unknown field, to find other faults. */
  const find = (metric: string, path: readonly (string | number)[]): FieldRef => {
    const found = findField(metric, config.hosts === undefined ? known : everywhere(known));
    if (!isFault(found)) return found;
    report(new RuleFault(found.message, path, found.hint));
    const [measurement = '', field = ''] = metric.split('.');
    return { measurement, field, spec: undefined };
  };
  for (const fault of templateFaults(config)) report(fault);
  if (config.hosts !== undefined && known.isHub !== true) report(new RuleFault(NO_HUB, ['hosts'], NO_HUB_HINT));
  const matchesTags = whereOf(config, report);
  const plan = await planOf(config, find).catch(report);
  if (faults.length > 0 || plan === undefined) throw new InvalidRule(faults);
  return { plan, matchesTags };
}

function templateFaults({ summary, description }: RuleConfig): readonly RuleFault[] {
  return Object.entries({ summary, description }).flatMap(([key, template]) => {
    const fault = template === undefined ? undefined : templateFault(template);
    return fault === undefined ? [] : [new RuleFault(`Invalid template: ${fault}`, [key])];
  });
}

function whereOf({ where = {} }: RuleConfig, report: (fault: RuleFault) => void): Checked['matchesTags'] {
  const tests = Object.entries(where).flatMap(([key, pattern]) => {
    try {
      return [[key, compilePattern(pattern)] as const];
    } catch (error) {
      report(new RuleFault((error as Error).message, ['where', key]));
      return [];
    }
  });
  return (tags) => tests.every(([key, matches]) => matches(tags[key] ?? ''));
}

/** A summary speaks of a value, so it does not fit an alert that fires because none comes; that of a heartbeat does. */
function summaryOf(config: RuleConfig, plan: Plan): Rule['summary'] {
  const { summary, deadman, hosts, id = '' } = config;
  const { direction, metric } = plan;
  if (hosts !== undefined) return hostsSummary(config, hosts, plan.metric);
  const subject = metric === undefined ? id : `${metric.measurement}.${metric.field}`;
  const state = direction === undefined ? '{{ rule }}' : `${subject} is {{ value }}`;
  const missing = `No data from ${deadman === undefined ? '{{ rule }}' : (metric?.measurement ?? '{{ rule }}')}`;
  const generic = (text: string, facts: Facts) => `${render(`${text} on {{ host }}`, facts)}${tagsText(facts)}`;
  return (facts) => {
    if (facts.isMissing && (deadman === undefined || summary === undefined)) return generic(missing, facts);
    return summary === undefined ? generic(state, facts) : render(summary, facts);
  };
}

function hostsSummary({ summary }: RuleConfig, hosts: NonNullable<RuleConfig['hosts']>, metric: Plan['metric']) {
  const subject = metric === undefined ? '' : `${metric.measurement}.${metric.field}`;
  const generic = hostsTemplate(hosts, subject);
  return (facts: Facts): string => {
    if (!facts.isMissing && summary !== undefined) return render(summary, facts);
    const group = tagsText({ ...facts, tags: withoutHosts(facts.tags) });
    const text = render(facts.isMissing ? 'No data from {{ rule }}' : generic, facts);
    // Without names.
    return `${text.replace(/: $/, '')}${group}`;
  };
}

/** What tells apart the alerts of a rule: ` (path=/var)`. */
function tagsText({ tags }: Facts): string {
  const others = Object.entries(tags).filter(([key]) => key !== 'host');
  return others.length === 0 ? '' : ` (${others.map(([key, value]) => `${key}=${value}`).join(', ')})`;
}

/** The `for` of a level takes precedence over that of the rule. */
function timingOf(config: RuleConfig, levels: readonly AlertLevel[]): Timing {
  const waits = levels.map((level) => {
    const threshold = (config.above ?? config.below)?.[level];
    const own = typeof threshold === 'object' ? threshold.for : undefined;
    return [level, own ?? config.for ?? 0] as const;
  });
  return { for: Object.fromEntries(waits), keepFiringFor: config.keep_firing_for ?? 0, maxGap: config.max_gap };
}

type Watcher = (measurement: string, tags: Tags) => Watch | undefined;

/** `where` selects series of the rule's own measurement only. Series of other measurements are joined by `group_by`. */
function watcherOf(config: RuleConfig, { operands, metric }: Plan, matchesTags: Checked['matchesTags']): Watcher {
  // Shared by all series of a measurement, of which there may be many.
  const byMeasurement = new Map<string, Watch['operands']>();
  operands.forEach(({ measurement, field }, operand) => {
    byMeasurement.set(measurement, [...(byMeasurement.get(measurement) ?? []), { field, operand }]);
  });
  return (measurement, tags) => {
    const mine = byMeasurement.get(measurement);
    if (mine === undefined) return undefined;
    const isOwn = metric === undefined || metric.measurement === measurement;
    if (isOwn && !matchesTags(tags)) return undefined;
    const identity = config.hosts === undefined ? identityOf(tags, config.group_by) : tagsOf(tags, groupOf(config));
    return { identity, operands: mine };
  };
}

function identityOf(tags: Tags, groupBy: readonly string[] | undefined): Tags {
  return groupBy === undefined ? withValues(tags, Object.keys(tags)) : tagsOf(tags, [...groupBy, 'host']);
}

/** Of a rule across hosts without it: one group. */
function groupOf({ group_by: groupBy = [] }: RuleConfig): readonly string[] {
  return groupBy;
}

function tagsOf(tags: Tags, groupBy: readonly string[]): Tags {
  return withValues(tags, [...new Set(groupBy.map((key) => firstOf(key, tags)))]);
}

function withValues(tags: Tags, keys: string[]): Tags {
  const entries = keys.sort().flatMap((key) => {
    const value = tags[key] ?? '';
    return value === '' ? [] : [[key, value] as const];
  });
  return Object.freeze(Object.fromEntries(entries));
}

/** `pool|device` → `pool` for a series with this tag, `device` for others. */
function firstOf(key: string, tags: Tags): string {
  return alternatives(key).find((one) => (tags[one] ?? '') !== '') ?? key;
}

function alternatives(key: string): readonly string[] {
  return key.split('|');
}

function defined<T>(
  levels: Readonly<Partial<Record<AlertLevel, T | undefined>>>,
): Readonly<Partial<Record<AlertLevel, T>>> {
  const entries = ALERT_LEVELS.flatMap((level) => {
    const value = levels[level];
    return value === undefined ? [] : [[level, value] as const];
  });
  return Object.fromEntries(entries);
}
