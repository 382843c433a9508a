/** Alerts as they look from outside. Views are frozen, so that no receiver can change the engine's state. */
import type { Tags } from '../../metric/metric.ts';
import { rank, type AlertLevel, type AlertView, type Level } from '../../plugin/notification.ts';
import type { FillingWindow } from '../control.ts';
import type { Facts, Rule } from '../rules/rule.ts';
import type { AlertState } from '../state/alert-state.ts';

import type { Episode, Instance } from './instance.ts';

/** An alert that is not ok. */
export interface AlertStatus {
  /** While pending, `level` is the level reached, and `startsAt` since when. */
  readonly alert: AlertView;
  readonly state: 'pending' | 'firing' | 'recovering';
  /** Not evaluated since a restart or a change of its rule. */
  readonly isUnverified: boolean;
  /** Its host is not heard. */
  readonly isUnknown: boolean;
}

/** An alert of any state, without the cost of its texts. */
export interface AlertSummary {
  readonly rule: string;
  readonly fingerprint: string;
  readonly tags: Tags;
  readonly state: AlertState;
  readonly value: number | undefined;
}

export interface AlertCounts {
  readonly pending: number;
  readonly firing: number;
}

/** While it is pending, firing or recovering. */
export function presentView(instance: Instance, at: number): AlertView {
  const { state, ended } = instance;
  const level = alertLevel(state.level) ?? alertLevel(ended?.peak) ?? 'warning';
  const startsAt = state.startsAt ?? state.activeAt ?? ended?.startsAt ?? at;
  return viewOf(instance, { status: 'firing', level, startsAt, endsAt: undefined, detail: state.detail }, at);
}

export function endedView(instance: Instance, { startsAt, endsAt, peak }: Episode, detail?: string): AlertView {
  const level = alertLevel(peak) ?? 'warning';
  // If the clock was set back while it fired, it began in the future, which receivers such as Alertmanager refuse.
  const shown = { status: 'resolved', level, startsAt: Math.min(startsAt, endsAt), endsAt, detail } as const;
  return viewOf(instance, shown, endsAt);
}

/** Of one that is not ok. @param at ms since the Unix epoch */
export function statusOf(instance: Instance, at: number): Omit<AlertStatus, 'isUnknown'> | undefined {
  const { status: state } = instance.state;
  if (state === 'ok') return undefined;
  return { alert: presentView(instance, at), state, isUnverified: instance.isStored && !instance.wasJudged };
}

export function summaryOf({ rule, identity, state, value }: Instance): AlertSummary {
  return { rule: rule.id, fingerprint: identity.fingerprint, tags: identity.tags, state, value };
}

export function countAlerts(instances: Iterable<Instance>): AlertCounts {
  let [pending, firing] = [0, 0];
  for (const { state, shown } of instances) {
    if (shown !== 'ok') firing += 1;
    else if (state.status === 'pending') pending += 1;
  }
  return { pending, firing };
}

/** One entry for each rule, of its least filled window; the one that takes longest first. @param now ms since the Unix epoch */
export function fillingWindows(
  instances: Iterable<Pick<Instance, 'rule' | 'evaluator'>>,
  now: number,
): readonly FillingWindow[] {
  const byRule = new Map<string, FillingWindow>();
  for (const { rule, evaluator } of instances) {
    const filling = evaluator.filling?.(now);
    if (filling === undefined) continue;
    const { series, ...least } = byRule.get(rule.id) ?? { ...filling, series: 0 };
    const next = filling.covered < least.covered ? filling : least;
    byRule.set(rule.id, { rule: rule.id, series: series + 1, covered: next.covered, needed: next.needed });
  }
  return [...byRule.values()].sort((a, b) => b.needed - b.covered - (a.needed - a.covered));
}

/** How long an alert at this level is pending, ms: a lower level, which is reached as well, may fire earlier. */
export function pendingTime({ timing }: Rule, level: Level): number {
  const waits = Object.entries(timing.for).filter(([each]) => rank(each as Level) <= rank(level));
  return Math.min(...waits.map(([, wait]) => wait));
}

interface Shown {
  readonly status: 'firing' | 'resolved';
  readonly level: AlertLevel;
  readonly startsAt: number;
  readonly endsAt: number | undefined;
  readonly detail: string | undefined;
}

function viewOf(instance: Instance, shown: Shown, at: number): AlertView {
  const { rule, identity, value } = instance;
  const threshold = rule.thresholds[shown.level];
  const isMissing = shown.status === 'firing' && shown.detail === 'no_data';
  const facts: Facts = {
    rule: rule.id,
    host: identity.host,
    level: shown.status === 'resolved' ? 'ok' : shown.level,
    value,
    unit: rule.unit,
    threshold: threshold?.at,
    tags: { ...instance.worst, ...identity.tags },
    labels: rule.labels,
    duration: Math.max(0, at - shown.startsAt),
    isMissing,
  };
  return Object.freeze<AlertView>({
    ...shown,
    fingerprint: identity.fingerprint,
    rule: rule.id,
    host: identity.host,
    previousLevel: instance.previousLevel,
    summary: rule.summary(facts),
    description: rule.description(facts),
    runbook: rule.runbook,
    value,
    firedValue: undefined,
    silentSince: isMissing ? (instance.cadence.last ?? shown.startsAt - rule.noData.after) : undefined,
    unit: rule.unit,
    threshold: threshold?.at,
    clear: threshold?.clear,
    direction: rule.direction,
    tags: identity.tags,
    labels: frozenLabels(rule),
    trend: instance.trend?.view(),
    context: instance.context,
    ack: undefined,
    silenced: false,
    flapping: instance.flap.isFlapping,
  });
}

const labelsOf = new WeakMap<Rule, Tags>();

/** One copy for all views. */
function frozenLabels(rule: Rule): Tags {
  const known = labelsOf.get(rule) ?? Object.freeze({ ...rule.labels });
  labelsOf.set(rule, known);
  return known;
}

function alertLevel(level: Level | undefined): AlertLevel | undefined {
  return level === 'ok' ? undefined : level;
}
