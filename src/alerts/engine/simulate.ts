/** Rules over recorded or made-up metrics, in no time: for tests of rules and for looking back. */
import { sleepWith, type Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { Metric, Tags } from '../../core/metric.ts';
import type { Level } from '../../core/notification.ts';
import type { AlertEvent } from '../alert-event.ts';
import type { Rule } from '../rules/rule.ts';
import type { AlertState } from '../state/alert-state.ts';
import { memoryAlertStore } from '../store/memory-store.ts';

import { Engine, type AlertSummary } from './engine.ts';
import type { EngineSettings } from './settings.ts';

export interface SimulationOptions {
  readonly rules: readonly Rule[];
  /** In any order. */
  readonly metrics: Iterable<Metric>;
  /** Where it goes on to after the last metric, ms since the Unix epoch. */
  readonly until?: number;
  /** How often time is looked at, ms. Default a second. */
  readonly step?: number;
  readonly settings?: EngineSettings;
  /** Takes what is wrong with the rules. */
  readonly log?: Logger;
}

export interface SimulatedAlert {
  readonly rule: string;
  readonly fingerprint: string;
  /** With `host`. */
  readonly tags: Tags;
  /** Each change of status or level, in the order of time; it is ok before. */
  readonly course: readonly Stage[];
}

export interface Stage {
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly status: AlertState['status'];
  readonly level: Level;
  readonly value: number | undefined;
}

export interface Simulation {
  /** Every series that a rule is about, whether anything happened or not. */
  readonly alerts: readonly SimulatedAlert[];
  readonly events: readonly AlertEvent[];
}

const silentLog: Logger = { error() {}, warn() {}, info() {}, debug() {} };

export function simulate(options: SimulationOptions): Simulation {
  const { rules, until, step = 1000, settings = {}, log = silentLog } = options;
  const metrics = [...options.metrics].sort((a, b) => Number(a.time - b.time));
  const first = timeOf(metrics[0]) ?? until ?? 0;
  const last = Math.max(timeOf(metrics.at(-1)) ?? first, until ?? first);
  const clock = steppedClock(first);
  const events: AlertEvent[] = [];
  const onEvent = (event: AlertEvent) => {
    events.push(event);
  };
  const engine = new Engine({ rules, settings, clock, store: memoryAlertStore(), onEvent, log });
  const courses = new Courses();
  let next = 0;
  for (let now = first; now < last + step; now += step) {
    next = observeUntil(now, metrics, next, (metric, time, isLastOfTime) => {
      clock.set(time);
      engine.observe(metric);
      if (isLastOfTime) courses.note(engine.summaries(), time);
    });
    clock.set(now);
    engine.tick();
    courses.note(engine.summaries(), now);
  }
  engine.close();
  return { alerts: courses.all(), events };
}

/** @returns the position of the first metric that is later */
function observeUntil(
  now: number,
  metrics: readonly Metric[],
  from: number,
  observe: (metric: Metric, time: number, isLastOfTime: boolean) => void,
): number {
  let next = from;
  for (let metric = metrics[next]; metric !== undefined; metric = metrics[next]) {
    const time = timeOf(metric) ?? now;
    if (time > now) break;
    next += 1;
    observe(metric, time, timeOf(metrics[next]) !== time);
  }
  return next;
}

/** How an alert is at a moment. */
export function stageAt({ course }: SimulatedAlert, at: number): Pick<Stage, 'status' | 'level'> {
  return course.findLast((stage) => stage.at <= at) ?? { status: 'ok', level: 'ok' };
}

class Courses {
  readonly #courses = new Map<string, { readonly alert: AlertSummary; readonly course: Stage[] }>();

  note(alerts: readonly AlertSummary[], at: number): void {
    for (const alert of alerts) {
      const { fingerprint, state, value } = alert;
      const known = this.#courses.get(fingerprint) ?? { alert, course: [] };
      this.#courses.set(fingerprint, known);
      const last = known.course.at(-1) ?? { status: 'ok', level: 'ok' };
      if (last.status === state.status && last.level === state.level) continue;
      known.course.push({ at, status: state.status, level: state.level, value });
    }
  }

  all(): readonly SimulatedAlert[] {
    return [...this.#courses.values()].map(({ alert: { rule, fingerprint, tags }, course }) => {
      return { rule, fingerprint, tags, course };
    });
  }
}

function timeOf(metric: Metric | undefined): number | undefined {
  return metric === undefined ? undefined : Math.round(Number(metric.time) / 1e6);
}

/** Nothing waits in a simulation, so nothing is ever called back. */
function steppedClock(start: number): Clock & { set(now: number): void } {
  let now = start;
  const after = () => () => undefined;
  return {
    now: () => now,
    elapsed: () => now - start,
    after,
    sleep: (ms, signal) => sleepWith(after, ms, signal),
    set(time) {
      now = time;
    },
  };
}
