/** One alert as the engine keeps it: a rule on a series, with its windows, its state, and what people know of it. */
import type { Tags } from '../../metric/metric.ts';
import type { ContextTable, Level } from '../../plugin/notification.ts';
import type { Evaluator, Rule } from '../rules/rule.ts';
import { OK, shownLevel, type AlertState } from '../state/alert-state.ts';
import { CALM, type FlapState } from '../state/flapping.ts';

import { Cadence } from './cadence.ts';
import { TrendRing } from './trend.ts';

/** Who reports a measurement: all of its series with one `host`. */
export interface Source {
  /** By the clock's `elapsed`, as of the last tick. */
  heardAt: number;
}

/** One measurement's part in an alert. */
export interface Feed {
  /** The series of the last sample. */
  tags: Tags | undefined;
  /** Of the last sample. */
  time: number;
}

/** An episode that is over. */
export interface Episode {
  readonly startsAt: number;
  readonly endsAt: number;
  readonly peak: Level;
}

export interface Identity {
  readonly fingerprint: string;
  readonly host: string;
  /** The rule's identity tags and `host`; frozen. */
  readonly tags: Tags;
}

export class Instance {
  rule: Rule;
  readonly identity: Identity;
  readonly measurement: string;
  readonly source: Source;
  readonly feeds = new Map<string, Feed>();
  readonly cadence = new Cadence();
  evaluator: Evaluator;
  state: AlertState = OK;
  flap: FlapState = CALM;
  /** Before the last change. */
  previousLevel: Level = 'ok';
  /** What people think: the level after the last change that they may have been told of. */
  told: Level = 'ok';
  /** The last one. */
  ended: Episode | undefined;
  context: readonly ContextTable[] = [];
  value: number | undefined;
  /** Tags of the series that the value is from, if several are one alert. */
  worst: Tags | undefined;
  trend: TrendRing | undefined;

  /** The following are by the clock's `elapsed`. When the series was there, with or without usable values. */
  heardAt: number;
  /** When it could be judged the last time; until it could, when a value came. */
  informedAt: number;
  /** When the sample that was judged last came. */
  sampledAt: number;
  /** Since when there is something to store that can wait. */
  unsavedSince: number | undefined;

  /** Several measurements make one judgement. */
  hasSeveralFeeds = false;
  wasJudged = false;
  isStored = false;
  /** Samples that are waited for, to be judged together. */
  due: { readonly time: number; readonly since: number } | undefined;
  /** Removed from the engine; a series that comes back gets another. */
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

  /** Nothing about it is worth keeping. */
  get isBlank(): boolean {
    const isRemembered = this.rule.isDeadman && !this.isDropped;
    return !isRemembered && this.state === OK && this.told === 'ok' && this.flap.changes.length === 0;
  }

  feed(measurement: string): Feed {
    const known = this.feeds.get(measurement);
    if (known !== undefined) return known;
    const feed: Feed = { tags: undefined, time: -Infinity };
    this.feeds.set(measurement, feed);
    this.hasSeveralFeeds = this.feeds.size > 1;
    return feed;
  }

  /** Keeps the newest value. Only numbers that have lines are drawn. */
  note(value: number | undefined, time: number, worst?: Tags): void {
    this.value = value;
    this.worst = worst;
    if (value === undefined || !Number.isFinite(value)) return;
    if (this.trend === undefined && isEmpty(this.rule.thresholds)) return;
    this.trend ??= new TrendRing();
    this.trend.add(value, time);
  }

  /** Now, on the time line of its samples: it goes on where they ended. */
  now(elapsed: number): number | undefined {
    return this.cadence.last === undefined ? undefined : this.cadence.last + (elapsed - this.sampledAt);
  }

  /** Windows begin anew: the rule or the clock has changed. */
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
