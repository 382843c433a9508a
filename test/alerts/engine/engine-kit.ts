/** An engine with hand-made rules, a manual clock, and a record of its events. */
import type { AlertView } from '../../../src/plugin/notification.ts';
import type { AlertEvent } from '../../../src/alerts/alert-event.ts';
import type { Capture } from '../../../src/alerts/context/capture.ts';
import type { Origin } from '../../../src/alerts/engine/departure.ts';
import { Engine, type EngineSettings } from '../../../src/alerts/engine/engine.ts';
import type { AlertStatus } from '../../../src/alerts/engine/view.ts';
import type { Evaluator, Rule, Timing } from '../../../src/alerts/rules/rule.ts';
import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import type { AlertStore } from '../../../src/alerts/store/store.ts';
import { nanoseconds, type Clock } from '../../../src/core/clock.ts';
import type { FieldValue, Metric, Tags } from '../../../src/metric/metric.ts';
import type { AlertLevel, Level } from '../../../src/plugin/notification.ts';
import { internTags } from '../../../src/metric/series.ts';
import { manualClock } from '../../../src/testing.ts';

export const SECOND = 1000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

type Lines = Partial<Record<AlertLevel, readonly [at: number, clear: number]>>;

export interface FakeRule extends Partial<Omit<Rule, 'timing' | 'thresholds'>> {
  readonly measurement?: string;
  readonly field?: string;
  readonly lines?: Lines;
  readonly timing?: Partial<Timing>;
}

/** Fires above 90, clears at 80, without `for`, for the field `used` of `disk` by `path`. */
export function fakeRule(given: FakeRule = {}): Rule {
  const { measurement = 'disk', field = 'used', lines = { warning: [90, 80] }, timing, ...rest } = given;
  const groupBy = 'groupBy' in given ? given.groupBy : ['path'];
  const levels = Object.keys(lines) as AlertLevel[];
  return {
    id: 'disk_space',
    revision: '1',
    groupBy,
    merges: false,
    labels: { team: 'infra' },
    runbook: undefined,
    notify: true,
    direction: 'above',
    unit: 'percent',
    thresholds: Object.fromEntries(Object.entries(lines).map(([level, [at, clear]]) => [level, { at, clear }])),
    compared: undefined,
    noData: { after: 5 * MINUTE, action: 'keep', level: 'critical' },
    seriesGone: { after: 10 * MINUTE, action: 'resolve', isAlone: true },
    isDeadman: false,
    repeat: {},
    context: [],
    watch(name, tags) {
      if (name !== measurement) return undefined;
      const keys = groupBy ?? Object.keys(tags);
      const identity = Object.fromEntries(keys.flatMap((key) => (tags[key] ? [[key, tags[key]] as const] : [])));
      return { identity, operands: [{ field, operand: 0 }] };
    },
    createEvaluator: () => new LineEvaluator(lines),
    summary: ({ tags, value }) => `Disk ${tags['path'] ?? ''} is ${value ?? '?'} % full`,
    description: () => undefined,
    explain: () => [],
    ...rest,
    timing: {
      for: Object.fromEntries(levels.map((level) => [level, 0])),
      keepFiringFor: 0,
      maxGap: undefined,
      ...timing,
    },
  };
}

export class LineEvaluator implements Evaluator {
  readonly #lines: Lines;
  #value: number | undefined;

  constructor(lines: Lines) {
    this.#lines = lines;
  }

  add(_operand: number, value: number | string | boolean): void {
    if (typeof value === 'number') this.#value = value;
  }

  judge() {
    const value = this.#value;
    this.#value = undefined;
    if (value === undefined) return undefined;
    return { reached: this.#highest(value, 0), held: this.#highest(value, 1), value };
  }

  #highest(value: number, which: 0 | 1): Level {
    const levels: AlertLevel[] = ['critical', 'warning', 'info'];
    return levels.find((level) => value > (this.#lines[level]?.[which] ?? Infinity)) ?? 'ok';
  }
}

export interface KitOptions {
  readonly rules?: readonly Rule[];
  readonly settings?: EngineSettings;
  readonly origin?: Origin;
  readonly store?: AlertStore;
  readonly clock?: SteppableClock;
  readonly capture?: Capture;
  readonly isAway?: (host: string) => boolean;
}

/** A clock whose wall time can be set independently of the elapsed time. */
export type SteppableClock = Clock & { advance(ms: number): void; step(ms: number): void };

export function steppableClock(start?: number): SteppableClock {
  const clock = manualClock(start);
  let offset = 0;
  return {
    ...clock,
    now: () => clock.now() + offset,
    step(ms) {
      offset += ms;
    },
  };
}

export class Kit {
  readonly clock: SteppableClock;
  readonly store: AlertStore;
  readonly events: AlertEvent[] = [];
  readonly contexts: (readonly [fingerprint: string, context: AlertView['context']])[] = [];
  readonly logged: string[] = [];
  readonly engine: Engine;
  /** By the clock's `elapsed`. */
  #nextTick = 0;

  constructor(options: KitOptions = {}) {
    const { rules = [fakeRule()], settings = {}, capture, origin, isAway } = options;
    this.clock = options.clock ?? steppableClock();
    this.store = options.store ?? memoryAlertStore();
    const log = (message: string, meta?: object) => {
      this.logged.push(meta === undefined ? message : `${message} ${JSON.stringify(meta)}`);
    };
    this.engine = new Engine({
      rules,
      settings,
      clock: this.clock,
      store: this.store,
      onEvent: (event) => {
        this.events.push(event);
      },
      onContext: (fingerprint, context) => {
        this.contexts.push([fingerprint, context]);
      },
      onWaiting: () => {
        this.#nextTick = Math.min(this.#nextTick, this.clock.elapsed() + SECOND);
      },
      ...(capture === undefined ? {} : { capture }),
      isAway,
      ...(origin === undefined ? {} : { origin }),
      log: { error: log, warn: log, info: log, debug: log },
    });
  }

  /** Events since the last call: `fired warning /var`, with the reason if it is history only. */
  emitted(): readonly string[] {
    return this.events.splice(0).map(({ kind, alert, quiet }) => {
      const { status, level, tags, detail } = alert;
      const parts = [kind, status === 'firing' ? level : undefined, tags['path'], detail, quiet && `(${quiet})`];
      return parts.filter(Boolean).join(' ');
    });
  }

  /** A sample of a disk of web1 now. */
  disk(used: FieldValue, tags: Tags = { path: '/var' }, at = this.clock.now()): void {
    this.observe('disk', { host: 'web1', ...tags }, { used }, at);
  }

  observe(name: string, tags: Tags, fields: Metric['fields'], at = this.clock.now(), input?: string): void {
    this.engine.observe({ name, tags: internTags(tags), fields, time: nanoseconds(at) }, input);
  }

  /** The process is stopped for a while (SIGSTOP): no sample, no tick. */
  freeze(ms: number): void {
    this.clock.advance(ms);
  }

  /** Advances the time in seconds, with ticks when the engine asks for them, as the agent does. */
  pass(ms: number, eachSecond: (second: number) => void = () => undefined): void {
    for (let second = 1; second <= Math.round(ms / SECOND); second += 1) {
      this.clock.advance(SECOND);
      eachSecond(second);
      const elapsed = this.clock.elapsed();
      if (elapsed >= this.#nextTick) this.#nextTick = elapsed + this.engine.tick();
    }
  }

  /** `pass`, with a sample every ten seconds. */
  passWith(ms: number, used: number | ((second: number) => number), tags: Tags = { path: '/var' }): void {
    this.pass(ms, (second) => {
      if (second % 10 === 0) this.disk(typeof used === 'number' ? used : used(second), tags);
    });
  }

  states(): readonly string[] {
    return this.engine.alerts().map(describeStatus);
  }

  /** Ends the process and starts another one after a while. */
  restart(ms: number, options: KitOptions = {}): Kit {
    this.engine.close();
    this.clock.advance(ms);
    return new Kit({ clock: this.clock, store: this.store, ...options });
  }
}

function describeStatus({ alert, state, isUnverified, isUnknown }: AlertStatus): string {
  return [state, alert.level, alert.tags['path'], isUnverified && 'unverified', isUnknown && 'unknown']
    .filter(Boolean)
    .join(' ');
}
