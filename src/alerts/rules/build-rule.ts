/** Compiles one rule. */
import { createHash } from 'node:crypto';

import type { Tags } from '../../metric/metric.ts';
import { ALERT_LEVELS, type AlertLevel } from '../../plugin/notification.ts';
import { compilePattern } from '../audience/patterns.ts';

import { describeRule } from './describe-rule.ts';
import { RuleFault } from './rule-fault.ts';
import { findField, isFault, type FieldRef, type KnownFields } from './fields.ts';
import { planOf, type Plan } from './plan.ts';
import type { Facts, Rule, Timing, Watch } from './rule.ts';
import type { RuleConfig } from './schema.ts';
import { render, templateFault } from './template.ts';

/** Default of `no_data.after` and `series_gone.after`. */
const DEFAULT_SILENCE_MS = 600_000;

/** @throws RuleFault for the first fault */
export async function buildRule(config: RuleConfig, known: KnownFields): Promise<Rule> {
  const id = config.id ?? '';
  refuseTemplates(config);
  const plan = await planOf(config, (metric, path) => field(metric, path, known));
  const unit = config.unit ?? plan.unit;
  const summary = config.summary ?? defaultSummary(plan);
  const rule = {
    id,
    revision: createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 16),
    groupBy: config.group_by?.flatMap(alternatives),
    merges: config.across !== undefined,
    labels: config.labels ?? {},
    runbook: config.runbook,
    notify: config.notify ?? true,
    direction: plan.direction,
    unit,
    thresholds: plan.thresholds,
    timing: timingOf(config, plan.levels),
    ...silenceOf(config),
    repeat: defined(config.repeat ?? {}),
    context: ['host' as const, ...(config.context ?? [])],
    watch: watcherOf(config, plan),
    createEvaluator: (isFiring?: boolean) => plan.createEvaluator(isFiring ?? false),
    summary: (facts: Facts) => render(summary, facts),
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

function field(metric: string, path: readonly (string | number)[], known: KnownFields): FieldRef {
  const found = findField(metric, known);
  if (isFault(found)) throw new RuleFault(found.message, path, found.hint);
  return found;
}

function refuseTemplates({ summary, description }: RuleConfig): void {
  for (const [key, template] of Object.entries({ summary, description })) {
    const fault = template === undefined ? undefined : templateFault(template);
    if (fault !== undefined) throw new RuleFault(`Invalid template: ${fault}`, [key]);
  }
}

function defaultSummary({ direction, metric }: Plan): string {
  if (metric === undefined || direction === undefined) return '{{ rule }} on {{ host }}';
  return `${metric.measurement}.${metric.field} is {{ value }} on {{ host }}`;
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
function watcherOf(config: RuleConfig, { operands, metric }: Plan): Watcher {
  const tests = Object.entries(config.where ?? {}).map(([key, pattern]) => {
    try {
      return [key, compilePattern(pattern)] as const;
    } catch (error) {
      throw new RuleFault((error as Error).message, ['where', key]);
    }
  });
  // Shared by all series of a measurement, of which there may be many.
  const byMeasurement = new Map<string, Watch['operands']>();
  operands.forEach(({ measurement, field }, operand) => {
    byMeasurement.set(measurement, [...(byMeasurement.get(measurement) ?? []), { field, operand }]);
  });
  return (measurement, tags) => {
    const mine = byMeasurement.get(measurement);
    if (mine === undefined) return undefined;
    const isOwn = metric === undefined || metric.measurement === measurement;
    if (isOwn && !tests.every(([key, matches]) => matches(tags[key] ?? ''))) return undefined;
    return { identity: identityOf(tags, config.group_by), operands: mine };
  };
}

function identityOf(tags: Tags, groupBy: readonly string[] | undefined): Tags {
  const keys =
    groupBy === undefined ? Object.keys(tags) : [...new Set([...groupBy.map((key) => firstOf(key, tags)), 'host'])];
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
