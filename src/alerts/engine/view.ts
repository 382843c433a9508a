/** What an alert looks like from outside. Whoever is handed a view can change nothing of the engine's. */
import type { AlertLevel, AlertView, Level } from '../../plugin/notification.ts';
import type { Facts } from '../rules/rule.ts';

import type { Episode, Instance } from './instance.ts';

export interface Shown {
  readonly status: 'firing' | 'resolved';
  readonly level: AlertLevel;
  readonly startsAt: number;
  readonly endsAt: number | undefined;
  readonly detail: string | undefined;
}

/** As it fires, recovers or is pending. */
export function presentView(instance: Instance, at: number): AlertView {
  const { state, ended } = instance;
  const level = alertLevel(state.level) ?? alertLevel(ended?.peak) ?? 'warning';
  const startsAt = state.startsAt ?? state.activeAt ?? ended?.startsAt ?? at;
  return viewOf(instance, { status: 'firing', level, startsAt, endsAt: undefined, detail: state.detail }, at);
}

export function endedView(instance: Instance, { startsAt, endsAt, peak }: Episode, detail?: string): AlertView {
  const level = alertLevel(peak) ?? 'warning';
  return viewOf(instance, { status: 'resolved', level, startsAt, endsAt, detail }, endsAt);
}

function viewOf(instance: Instance, shown: Shown, at: number): AlertView {
  const { rule, identity, value } = instance;
  const threshold = rule.thresholds[shown.level];
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
    unit: rule.unit,
    threshold: threshold?.at,
    clear: threshold?.clear,
    direction: rule.direction,
    tags: identity.tags,
    labels: Object.freeze({ ...rule.labels }),
    trend: instance.trend?.view(),
    context: instance.context,
    ack: undefined,
    silenced: false,
    flapping: instance.flap.isFlapping,
  });
}

function alertLevel(level: Level | undefined): AlertLevel | undefined {
  return level === 'ok' ? undefined : level;
}
