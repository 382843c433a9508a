/** Evaluates rules over recorded or synthetic metrics in simulated time, for tests of rules and for replays. */
import { signalWith, sleepWith, type Clock } from '../../core/clock.ts';
import { silentLog, type Logger } from '../../core/logger.ts';
import type { Metric, Tags } from '../../metric/metric.ts';
import type { Level } from '../../plugin/notification.ts';
import type { AlertEvent } from '../alert-event.ts';
import { Engine, type EngineSettings } from '../engine/engine.ts';
import type { AlertSummary } from '../engine/view.ts';
import type { Rule } from '../rules/rule.ts';
import type { AlertState } from '../state/alert-state.ts';
import { memoryAlertStore } from '../store/memory-store.ts';

export interface SimulationOptions {
  readonly rules: readonly Rule[];
  /** In any order. */
  readonly metrics: Iterable<Metric>;
  /** Continues until this time after the last metric, ms since the Unix epoch. */
  readonly until?: number;
  readonly settings?: EngineSettings;
  /** For errors of the rules. */
  readonly log?: Logger;
}

export interface SimulatedAlert {
  readonly rule: string;
  readonly fingerprint: string;
  /** With `host`. */
  readonly tags: Tags;
  /** Each change of status or level, in order; ok before the first. */
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
  /** Every series that a rule matches, also those that stayed ok. */
  readonly alerts: readonly SimulatedAlert[];
  readonly events: readonly AlertEvent[];
}

/** Time between ticks, unless it is given. */
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

export interface SimulatorOptions extends Pick<SimulationOptions, 'rules' | 'settings' | 'log'> {
  readonly onEvent: (event: AlertEvent) => void;
  readonly onTick?: (now: number) => void;
  /** Time between ticks, ms. Default 1000. */
  readonly step?: number;
}

/** Takes metrics one by one, in the order of their time, and advances the time to each. */
export class Simulator {
  readonly #options: SimulatorOptions;
  readonly #step: number;
  /** Undefined before the first metric, which sets the start. */
  #course: { readonly engine: Engine; readonly clock: SteppedClock; nextTick: number } | undefined;

  constructor(options: SimulatorOptions) {
    this.#options = options;
    this.#step = options.step ?? STEP_MS;
  }

  /** @returns its time, ms since the Unix epoch */
  observe(metric: Metric): number {
    const time = timeOf(metric);
    this.#course ??= this.#begin(time);
    const { engine, clock } = this.#course;
    while (this.#course.nextTick < time) this.#tick(this.#course.nextTick);
    // A late metric does not set the clock back.
    clock.set(Math.max(time, clock.now()));
    engine.observe(metric);
    return time;
  }

  summaries(): readonly AlertSummary[] {
    return this.#course?.engine.summaries() ?? [];
  }

  /** @param until continues until this time after the last metric */
  finish(until = -Infinity): void {
    if (this.#course === undefined) return;
    const end = Math.max(until, this.#course.clock.now()) + this.#step;
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
    this.#course.clock.set(now);
    this.#course.engine.tick();
    this.#course.nextTick = now + this.#step;
    this.#options.onTick?.(now);
  }
}

/** The state of an alert at a time. */
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

/** Timers never fire: nothing in a simulation waits for one. */
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
