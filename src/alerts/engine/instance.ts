/** One alert as the engine keeps it: a rule on a series, with its windows and its state. */
import type { Tags } from '../../metric/metric.ts';
import type { ContextTable, Level } from '../../plugin/notification.ts';
import type { Evaluator, Rule } from '../rules/rule.ts';
import { OK, shownLevel, type AlertState } from '../state/alert-state.ts';
import { CALM, type FlapState } from '../state/flapping.ts';

import { TrendRing } from './trend.ts';

/** All series of one measurement with one `host`. */
export interface Source {
  /** Time of the last sample, by the clock's `elapsed`, as of the last tick. */
  heardAt: number;
}

/** One measurement's part in an alert. */
export interface Feed {
  readonly measurement: string;
  /** The series of the last sample. */
  tags: Tags | undefined;
  /** Of the last sample. */
  time: number;
}

/** A resolved episode. */
export interface Episode {
  readonly startsAt: number;
  readonly endsAt: number;
  readonly peak: Level;
}

/** Nothing in the configuration seems to report the alert any more. */
export interface Departure {
  readonly reason: 'input_removed' | 'host_renamed';
  /** By the clock's `elapsed`. */
  readonly since: number;
}

export interface Identity {
  readonly fingerprint: string;
  readonly host: string;
  /** The rule's identity tags and `host`; frozen. */
  readonly tags: Tags;
}

const NO_INPUTS: readonly string[] = Object.freeze([]);

export class Instance {
  rule: Rule;
  readonly identity: Identity;
  readonly measurement: string;
  readonly source: Source;
  /** One, unless the rule compares several measurements. */
  feeds: readonly Feed[] = [];
  readonly cadence = new Cadence();
  evaluator: Evaluator;
  state: AlertState = OK;
  flap: FlapState = CALM;
  /** Before the last change. */
  previousLevel: Level = 'ok';
  /**
   * The level after the last event that counts for notifications. Differs from `shown` after changes that are history only:
   * those by late samples, and those while it flaps.
   */
  reported: Level = 'ok';
  /** The last episode. */
  ended: Episode | undefined;
  context: readonly ContextTable[] = [];
  value: number | undefined;
  /** Tags of the series with the value, if several series are one alert. */
  worst: Tags | undefined;
  trend: TrendRing | undefined;

  /** Aliases of the inputs whose samples it had. */
  inputs: readonly string[] = NO_INPUTS;
  /** Its host is this agent. */
  isOwn = false;
  departed: Departure | undefined;

  /** Time of the last sample, usable or not. By the clock's `elapsed`, as are the following. */
  heardAt: number;
  /** Time of the last verdict; before the first one, of the last value. */
  informedAt: number;
  /** Arrival of the last sample with a verdict. */
  sampledAt: number;
  /** Last freeze of the agent after which it was given time to report. */
  excusedAt = -Infinity;
  /** Since when it differs from the store, by a change whose write may wait. */
  unsavedSince: number | undefined;

  wasJudged = false;
  isStored = false;
  /** Samples that wait for others, to be judged together. */
  due: { readonly time: number; readonly since: number } | undefined;
  /** Removed from the engine; a series that comes back gets a new instance. */
  isDropped = false;

  constructor(rule: Rule, identity: Identity, measurement: string, source: Source, elapsed: number) {
    this.rule = rule;
    this.identity = identity;
    this.measurement = measurement;
    this.source = source;
    this.evaluator = rule.createEvaluator();
    this.heardAt = elapsed;
    this.informedAt = elapsed;
    this.sampledAt = elapsed;
  }

  get shown(): Level {
    return shownLevel(this.state);
  }

  /** Nothing about it is worth storing. */
  get isBlank(): boolean {
    const isRemembered = this.rule.isDeadman && !this.isDropped;
    return !isRemembered && this.state === OK && this.reported === 'ok' && this.flap.changes.length === 0;
  }

  feed(measurement: string): Feed {
    const known = this.feeds.find((feed) => feed.measurement === measurement);
    if (known !== undefined) return known;
    const feed: Feed = { measurement, tags: undefined, time: -Infinity };
    this.feeds = [...this.feeds, feed];
    return feed;
  }

  /** Keeps the newest value. Only numbers that have thresholds get a trend. */
  note(value: number | undefined, time: number, worst?: Tags): void {
    this.value = value;
    this.worst = worst;
    if (value === undefined || !Number.isFinite(value)) return;
    if (this.trend === undefined && isEmpty(this.rule.thresholds)) return;
    this.trend ??= new TrendRing();
    this.trend.add(value, time);
  }

  /** The present in the time of its samples: that of the last one, and the time since it arrived. */
  sampleTimeAt(elapsed: number): number | undefined {
    return this.cadence.last === undefined ? undefined : this.cadence.last + (elapsed - this.sampledAt);
  }

  /** Empties the windows, after a change of the rule or of the clock. */
  restart(elapsed: number): void {
    this.evaluator = this.rule.createEvaluator(this.shown !== 'ok');
    this.due = undefined;
    this.wasJudged = false;
    this.heardAt = elapsed;
    this.informedAt = elapsed;
  }
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}

/** A longer silence is a gap. */
const GAP_INTERVALS = 3;
/** Before an interval has been seen. */
const FIRST_GAP_MS = 300_000;

/** The times of the samples of one alert, ms since the Unix epoch. */
class Cadence {
  #last: number | undefined;
  /** Between the last two samples, and the two before them. */
  #interval = 0;
  #before = 0;

  get last(): number | undefined {
    return this.#last;
  }

  isNew(time: number): boolean {
    return this.#last === undefined || time > this.#last;
  }

  /** @param maxGap undefined: three times the observed interval */
  isBroken(time: number, maxGap: number | undefined): boolean {
    return this.#last !== undefined && time - this.#last > (maxGap ?? this.tolerance);
  }

  add(time: number): void {
    if (this.#last !== undefined) {
      this.#before = this.#interval;
      this.#interval = time - this.#last;
    }
    this.#last = time;
  }

  /** The clock was set: later times may be smaller ones. */
  reset(): void {
    this.#last = undefined;
  }

  /** By the longer of two intervals, so that neither one early sample nor one long silence decides. */
  get tolerance(): number {
    const interval = Math.max(this.#interval, this.#before);
    return interval === 0 ? FIRST_GAP_MS : GAP_INTERVALS * interval;
  }
}
