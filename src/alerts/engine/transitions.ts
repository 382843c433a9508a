/** A change of an alert's state: it is stored, goes into the history, and is emitted as an event. */
import { readClock, type Clock, type Instant } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import { rank, type AlertView, type ContextTable } from '../../plugin/notification.ts';
import type { AlertEvent } from '../alert-event.ts';
import type { Capture } from '../context/capture.ts';
import { changeBetween, OK, type AlertState, type Change } from '../state/alert-state.ts';
import { CALM, onChange, onQuiet, type FlapSettings } from '../state/flapping.ts';
import type { AlertStore } from '../store/store.ts';

import type { Faults } from './faults.ts';
import type { Instance } from './instance.ts';
import { toStored } from './stored-alerts.ts';
import { endedView, presentView } from './view.ts';

export interface TransitionsOptions {
  readonly store: AlertStore;
  readonly flapping: () => FlapSettings;
  /** Called in the transaction that stores the change. What it throws is logged. */
  readonly onEvent: (event: AlertEvent) => void;
  /** The context of an alert that has fired, a moment later. */
  readonly onContext: (fingerprint: string, context: readonly ContextTable[]) => void;
  readonly onWaiting: () => void;
  readonly capture: Capture | undefined;
  readonly faults: Faults;
  /** For what happens between calls: the arrival of context. */
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Cause {
  /** ms since the Unix epoch. */
  readonly at: number;
  /** By an old sample. */
  readonly isLate?: boolean;
  /** Why it is resolved, if not by recovery. */
  readonly detail?: string;
}

/** How long a notification waits for the context of its alert. ms. */
const CONTEXT_MS = 450;
/** Writes that may wait are made after this time, ms: most pending alerts are over by then. */
const SAVE_AFTER_MS = 60_000;
/** A change by a sample older than this is history only, ms. */
const LATE_MS = 300_000;

/** @param time of the sample, ms since the Unix epoch */
export function isLate(time: number, { wall }: Instant): boolean {
  return wall - time > LATE_MS;
}

export class Transitions {
  readonly #options: TransitionsOptions;

  constructor(options: TransitionsOptions) {
    this.#options = options;
  }

  apply(instance: Instance, next: AlertState, cause: Cause, now: Instant): void {
    const before = instance.state;
    const change = changeBetween(before, next);
    instance.state = next;
    if (next !== OK) this.#options.onWaiting();
    if (change === undefined) {
      if (before.status !== next.status) this.#onQuietChange(instance, now);
      return;
    }
    if (change.kind === 'resolved') {
      instance.ended = { startsAt: before.startsAt ?? cause.at, endsAt: cause.at, peak: before.peak };
    } else if (change.kind === 'fired') {
      continueEpisode(instance);
    }
    instance.previousLevel = change.from;
    const wasFlapping = instance.flap.isFlapping;
    if (cause.isLate !== true) this.#countChange(instance, change, cause, now);
    this.#emitChange(instance, change, cause, now);
    if (instance.flap.isFlapping && !wasFlapping) this.#emitFlapping(instance, now);
  }

  /** Ends it for good. Also reports an end that was history only so far. */
  end(instance: Instance, detail: string, now: Instant): void {
    const isUnreported = instance.shown === 'ok' && instance.reported !== 'ok';
    instance.flap = CALM;
    instance.isDropped = true;
    this.apply(instance, OK, { at: now.wall, detail }, now);
    if (isUnreported) this.#emitPresent(instance, 'resolved', now.wall, now, detail);
    this.#save(instance, now);
  }

  /** Called for a present sample: reports the level if late samples have changed it. */
  reportShown(instance: Instance, at: number, now: Instant): void {
    const { reported, shown } = instance;
    if (reported === shown || instance.flap.isFlapping) return;
    if (shown === 'ok') this.#emitPresent(instance, 'resolved', at, now);
    else if (reported === 'ok') this.#emitPresent(instance, 'fired', at, now);
    else this.#emitPresent(instance, rank(shown) > rank(reported) ? 'level_up' : 'level_down', at, now);
  }

  /** Ends flapping after a quiet period. */
  endFlapping(instance: Instance, now: Instant): void {
    const { flap } = instance;
    const next = onQuiet(flap, now.wall, this.#options.flapping());
    if (next === flap) return;
    instance.flap = next;
    if (flap.isFlapping) this.#emitPresent(instance, 'flapping_end', now.wall, now);
    else this.#save(instance, now);
  }

  /** Makes a write that has waited long enough. */
  saveLate(instance: Instance, now: Instant): void {
    const { unsavedSince } = instance;
    if (unsavedSince !== undefined && now.elapsed - unsavedSince >= SAVE_AFTER_MS) this.#save(instance, now);
  }

  /** Makes all writes that wait. */
  saveAll(instances: Iterable<Instance>, now: Instant): void {
    for (const instance of instances) if (instance.unsavedSince !== undefined) this.#save(instance, now);
  }

  #countChange(instance: Instance, { kind }: Change, { detail }: Cause, now: Instant): void {
    if (detail !== undefined) return;
    const weight = kind === 'fired' || kind === 'resolved' ? 1 : 0.5;
    instance.flap = onChange(instance.flap, weight, now.wall, this.#options.flapping());
  }

  #emitChange(instance: Instance, { kind }: Change, { at, isLate = false, detail }: Cause, now: Instant): void {
    const quiet = quietOf(instance, isLate);
    if (quiet === undefined || quiet === 'notify_off') instance.reported = instance.shown;
    const tables = kind === 'fired' && !isLate ? this.#takeContext(instance) : undefined;
    const alert = viewNow(instance, at, detail);
    const event = { kind, alert, at, quiet, ...(tables === undefined ? {} : { contextFor: CONTEXT_MS }) };
    this.#record(instance, event, now);
    if (tables !== undefined) void this.#addContext(instance, alert.startsAt, tables);
  }

  async #addContext(instance: Instance, startsAt: number, tables: Promise<readonly ContextTable[]>): Promise<void> {
    const { onContext, faults, clock, log } = this.#options;
    try {
      const found = await tables;
      if (instance.isDropped || instance.state.startsAt !== startsAt) return;
      const now = readClock(clock);
      instance.context = found;
      this.#save(instance, now);
      faults.write(() => {
        onContext(instance.identity.fingerprint, found);
      }, now);
    } catch (error) {
      log.warn(`Cannot capture the context of an alert: ${describeError(error)}`, { rule: instance.rule.id });
    }
  }

  /** It counts as firing until flapping ends. */
  #emitFlapping(instance: Instance, now: Instant): void {
    const at = now.wall;
    const alert = presentView(instance, at);
    instance.reported = alert.level;
    this.#record(instance, { kind: 'flapping_start', alert, at, quiet: ruleQuiet(instance) }, now);
  }

  #emitPresent(instance: Instance, kind: AlertEvent['kind'], at: number, now: Instant, detail?: string): void {
    instance.reported = instance.shown;
    this.#record(instance, { kind, alert: viewNow(instance, at, detail), at, quiet: ruleQuiet(instance) }, now);
  }

  /** @returns the context if it takes a moment; otherwise the instance has it already */
  #takeContext(instance: Instance): Promise<readonly ContextTable[]> | undefined {
    const { capture, log } = this.#options;
    const { rule, identity } = instance;
    if (capture === undefined || rule.context.length === 0) return undefined;
    try {
      const tables = capture.take(rule.context, { ...identity, measurement: instance.measurement });
      if (tables instanceof Promise) return tables;
      instance.context = tables;
    } catch (error) {
      log.warn(`Cannot capture the context of an alert: ${describeError(error)}`, { rule: rule.id });
    }
    return undefined;
  }

  #onQuietChange(instance: Instance, now: Instant): void {
    const { state, rule, identity } = instance;
    if (state.status === 'pending') this.#options.capture?.prepare(rule.context, identity.host);
    if (state.status !== 'ok') instance.unsavedSince ??= now.elapsed;
    else this.#save(instance, now);
  }

  #record(instance: Instance, event: AlertEvent, now: Instant): void {
    const { store, faults } = this.#options;
    let isDelivered = false;
    const deliver = () => {
      if (!isDelivered) this.#deliver(event);
      isDelivered = true;
    };
    faults.write(() => {
      store.transaction(() => {
        this.#put(instance, now);
        store.audit(auditEntry(event, instance));
        deliver();
      });
    }, now);
    // A store that cannot be written never holds an alert back.
    deliver();
  }

  /** An error of the notifications must not undo the change. */
  #deliver(event: AlertEvent): void {
    try {
      this.#options.onEvent(event);
    } catch (error) {
      this.#options.log.error(`Cannot notify about an alert: ${describeError(error)}`, { rule: event.alert.rule });
    }
  }

  #save(instance: Instance, now: Instant): void {
    if (instance.isBlank && !instance.isStored) instance.unsavedSince = undefined;
    else {
      this.#options.faults.write(() => {
        this.#put(instance, now);
      }, now);
    }
  }

  #put(instance: Instance, now: Instant): void {
    const states = this.#options.store.collection('states');
    const { fingerprint } = instance.identity;
    if (instance.isBlank) states.delete(fingerprint);
    else states.put(fingerprint, toStored(instance, now.wall));
    instance.isStored = !instance.isBlank;
    instance.unsavedSince = undefined;
  }
}

/** If the end of the last episode was not reported, the alert that fires again goes on with that episode. */
function continueEpisode(instance: Instance): void {
  const { ended, reported, state } = instance;
  if (reported === 'ok' || ended === undefined) {
    instance.context = [];
    return;
  }
  const peak = rank(ended.peak) > rank(state.peak) ? ended.peak : state.peak;
  instance.state = { ...state, startsAt: ended.startsAt, peak };
}

function viewNow(instance: Instance, at: number, detail?: string): AlertView {
  const { ended, shown } = instance;
  return shown === 'ok' && ended !== undefined ? endedView(instance, ended, detail) : presentView(instance, at);
}

function quietOf(instance: Instance, isLate: boolean): AlertEvent['quiet'] {
  if (!instance.rule.notify) return 'notify_off';
  if (isLate) return 'late';
  return instance.flap.isFlapping ? 'flapping' : undefined;
}

function ruleQuiet({ rule }: Instance): AlertEvent['quiet'] {
  return rule.notify ? undefined : 'notify_off';
}

function auditEntry({ kind, alert, at, quiet }: AlertEvent, { shown, state }: Instance): AuditEntry {
  const { fingerprint, rule, host, level, previousLevel, summary, value, startsAt, endsAt, tags, detail } = alert;
  const { unit, threshold, direction } = alert;
  const limit = { ...(unit !== '' && { unit }), threshold, direction, activeAt: state.activeAt };
  const more = { level, previousLevel, shown, summary, value, ...limit, startsAt, endsAt, tags, detail, quiet };
  return { at, kind: 'transition', reason: kind, fingerprint, rule, host, detail: more };
}
