/** Rules over recorded or made-up metrics, in no time: for tests of rules and for looking back. */
import { signalWith, sleepWith, type Clock } from '../../core/clock.ts';
import { silentLog, type Logger } from '../../core/logger.ts';
import type { Metric, Tags } from '../../metric/metric.ts';
import type { Level } from '../../plugin/notification.ts';
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

const STEP_MS = 1000;

export function simulate({ until, ...options }: SimulationOptions): Simulation {
  const metrics = [...options.metrics].sort((a, b) => Number(a.time - b.time));
  const courses = new Courses();
  const events: AlertEvent[] = [];
  const simulator = new Simulator({
    ...options,
    onEvent: (event) => {
      events.push(event);
    },
    onTick: (now) => {
      courses.note(simulator.summaries(), now);
    },
  });
  for (const [index, metric] of metrics.entries()) {
    const time = simulator.observe(metric);
    if (metrics[index + 1]?.time !== metric.time) courses.note(simulator.summaries(), time);
  }
  simulator.finish(until);
  return { alerts: courses.all(), events };
}

export interface SimulatorOptions extends Pick<SimulationOptions, 'rules' | 'step' | 'settings' | 'log'> {
  readonly onEvent: (event: AlertEvent) => void;
  readonly onTick?: (now: number) => void;
}

/** Metrics in the order of their time, of which later ones may not be known yet. Time goes on from one to the next. */
export class Simulator {
  readonly #options: SimulatorOptions;
  /** Undefined before the first metric, with which time begins. */
  #course: { readonly engine: Engine; readonly clock: SteppedClock; nextTick: number } | undefined;

  constructor(options: SimulatorOptions) {
    this.#options = options;
  }

  /** @returns its time, ms since the Unix epoch */
  observe(metric: Metric): number {
    const time = timeOf(metric);
    this.#course ??= this.#begin(time);
    const { engine, clock } = this.#course;
    while (this.#course.nextTick < time) this.#tick(this.#course.nextTick);
    // One that comes late does not turn time back.
    clock.set(Math.max(time, clock.now()));
    engine.observe(metric);
    return time;
  }

  summaries(): readonly AlertSummary[] {
    return this.#course?.engine.summaries() ?? [];
  }

  /** @param until where time goes on to after the last metric */
  finish(until = -Infinity): void {
    if (this.#course === undefined) return;
    const { step = STEP_MS } = this.#options;
    const end = Math.max(until, this.#course.clock.now()) + step;
    while (this.#course.nextTick <= end) this.#tick(this.#course.nextTick);
    this.#course.engine.close();
  }

  #begin(time: number) {
    const { rules, settings = {}, log = silentLog, onEvent } = this.#options;
    const clock = steppedClock(time);
    const engine = new Engine({ rules, settings, clock, store: memoryAlertStore(), onEvent, log });
    return { engine, clock, nextTick: time };
  }

  #tick(now: number): void {
    if (this.#course === undefined) return;
    const { step = STEP_MS, onTick } = this.#options;
    this.#course.clock.set(now);
    this.#course.engine.tick();
    this.#course.nextTick = now + step;
    onTick?.(now);
  }
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

function timeOf({ time }: Metric): number {
  return Math.round(Number(time) / 1e6);
}

type SteppedClock = Clock & { set(now: number): void };

/** Nothing waits in a simulation, so nothing is ever called back. */
function steppedClock(start: number): SteppedClock {
  let now = start;
  const after = () => () => undefined;
  return {
    now: () => now,
    elapsed: () => now - start,
    after,
    sleep: (ms, signal) => sleepWith(after, ms, signal),
    signal: (ms) => signalWith(after, ms),
    set(time) {
      now = time;
    },
  };
}
