/** What follows when the state of an alert changes: it is stored, goes into the history, and is told or kept quiet. */
import type { Clock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { rank, type AlertView, type ContextTable } from '../../plugin/notification.ts';
import type { AlertEvent } from '../alert-event.ts';
import type { Capture } from '../context/capture.ts';
import { changeBetween, OK, type AlertState, type Change } from '../state/alert-state.ts';
import { CALM, onChange, onQuiet } from '../state/flapping.ts';
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { AlertStore } from '../store/store.ts';

import type { Faults } from './faults.ts';
import type { Instance } from './instance.ts';
import type { CompleteSettings } from './settings.ts';
import { toStored } from './stored.ts';
import { endedView, presentView } from './view.ts';

export interface ChangesOptions {
  readonly clock: Clock;
  readonly store: AlertStore;
  readonly settings: () => CompleteSettings;
  /** Called in the transaction that stores the change. What it throws is logged. */
  readonly onEvent: (event: AlertEvent) => void;
  /** The context of an alert that has fired, a moment later. */
  readonly onContext: (fingerprint: string, context: readonly ContextTable[]) => void;
  readonly onWaiting: () => void;
  readonly capture: Capture | undefined;
  readonly faults: Faults;
  readonly log: Logger;
}

export interface Cause {
  /** ms since the Unix epoch. */
  readonly at: number;
  /** A sample of the past. */
  readonly isLate?: boolean;
  /** Why it ends if not by recovering. */
  readonly detail?: string;
}

/** How long a notification waits for the context of its alert. ms. */
const CONTEXT_MS = 450;

/** What can wait is stored after this time, ms: most of what is pending is over by then. */
const SAVE_AFTER_MS = 60_000;

export class Changes {
  readonly #options: ChangesOptions;

  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  apply(instance: Instance, next: AlertState, cause: Cause): void {
    const before = instance.state;
    const change = changeBetween(before, next);
    instance.state = next;
    if (next !== OK) this.#options.onWaiting();
    if (change === undefined) {
      if (before.status !== next.status) this.#onQuietChange(instance);
      return;
    }
    if (change.kind === 'resolved') {
      instance.ended = { startsAt: before.startsAt ?? cause.at, endsAt: cause.at, peak: before.peak };
    } else if (change.kind === 'fired') {
      this.#begin(instance);
    }
    instance.previousLevel = change.from;
    const wasFlapping = instance.flap.isFlapping;
    if (cause.isLate !== true) this.#countChange(instance, change, cause);
    this.#emitChange(instance, change, cause);
    if (instance.flap.isFlapping && !wasFlapping) this.#emitFlapping(instance);
  }

  /** Ends it for good, whatever people were told of it last. */
  end(instance: Instance, at: number, detail: string): void {
    const isUntold = instance.shown === 'ok' && instance.told !== 'ok';
    instance.flap = CALM;
    instance.isDropped = true;
    this.apply(instance, OK, { at, detail });
    if (isUntold) this.#emitPresent(instance, 'resolved', at, detail);
    this.#save(instance);
  }

  /** A sample of the present decides: people are told now if late samples have changed the level. */
  catchUp(instance: Instance, at: number): void {
    const { told, shown } = instance;
    if (told === shown || instance.flap.isFlapping) return;
    if (shown === 'ok') this.#emitPresent(instance, 'resolved', at);
    else if (told === 'ok') this.#emitPresent(instance, 'fired', at);
    else this.#emitPresent(instance, rank(shown) > rank(told) ? 'level_up' : 'level_down', at);
  }

  /** What has come and gone may have calmed down. */
  settle(instance: Instance): void {
    const { flap } = instance;
    const at = this.#options.clock.now();
    const next = onQuiet(flap, at, this.#options.settings().flapping);
    if (next === flap) return;
    instance.flap = next;
    if (flap.isFlapping) this.#emitPresent(instance, 'flapping_end', at);
    else this.#save(instance);
  }

  /** Stores what could wait so far, if it has waited for long enough. */
  saveLate(instance: Instance, elapsed: number): void {
    if (instance.unsavedSince !== undefined && elapsed - instance.unsavedSince >= SAVE_AFTER_MS) this.#save(instance);
  }

  /** Nothing is lost that waits. */
  close(instances: Iterable<Instance>): void {
    for (const instance of instances) if (instance.unsavedSince !== undefined) this.#save(instance);
  }

  /** For people it is one episode from what they were told first until they are told of the end. */
  #begin(instance: Instance): void {
    const { ended, told, state } = instance;
    if (told === 'ok' || ended === undefined) {
      instance.context = [];
      return;
    }
    const peak = rank(ended.peak) > rank(state.peak) ? ended.peak : state.peak;
    instance.state = { ...state, startsAt: ended.startsAt, peak };
  }

  #countChange(instance: Instance, { kind }: Change, { detail }: Cause): void {
    if (detail !== undefined) return;
    const weight = kind === 'fired' || kind === 'resolved' ? 1 : 0.5;
    const { clock, settings } = this.#options;
    instance.flap = onChange(instance.flap, weight, clock.now(), settings().flapping);
  }

  #emitChange(instance: Instance, { kind }: Change, { at, isLate = false, detail }: Cause): void {
    const quiet = quietOf(instance, isLate);
    if (quiet === undefined || quiet === 'notify_off') instance.told = instance.shown;
    const tables = kind === 'fired' && !isLate ? this.#takeContext(instance) : undefined;
    const alert = viewNow(instance, at, detail);
    this.#record(instance, { kind, alert, at, quiet, ...(tables === undefined ? {} : { contextFor: CONTEXT_MS }) });
    if (tables !== undefined) void this.#addContext(instance, alert.startsAt, tables);
  }

  async #addContext(instance: Instance, startsAt: number, tables: Promise<readonly ContextTable[]>): Promise<void> {
    const { onContext, faults, log } = this.#options;
    try {
      const found = await tables;
      if (instance.isDropped || instance.state.startsAt !== startsAt) return;
      instance.context = found;
      this.#save(instance);
      faults.write(() => {
        onContext(instance.identity.fingerprint, found);
      });
    } catch (error) {
      log.warn(`Context of an alert could not be captured: ${describeError(error)}`, { rule: instance.rule.id });
    }
  }

  #emitFlapping(instance: Instance): void {
    const at = this.#options.clock.now();
    // It counts as firing until it is known to have ended.
    const event: AlertEvent = {
      kind: 'flapping_start',
      alert: presentView(instance, at),
      at,
      quiet: ruleQuiet(instance),
    };
    instance.told = event.alert.level;
    this.#record(instance, event);
  }

  #emitPresent(instance: Instance, kind: AlertEvent['kind'], at: number, detail?: string): void {
    instance.told = instance.shown;
    const event: AlertEvent = { kind, alert: viewNow(instance, at, detail), at, quiet: ruleQuiet(instance) };
    this.#record(instance, event);
  }

  /** @returns what is not at hand yet; the rest is taken at once */
  #takeContext(instance: Instance): Promise<readonly ContextTable[]> | undefined {
    const { capture, log } = this.#options;
    const { rule, identity } = instance;
    if (capture === undefined || rule.context.length === 0) return undefined;
    try {
      const tables = capture.take(rule.context, identity.host);
      if (tables instanceof Promise) return tables;
      instance.context = tables;
    } catch (error) {
      log.warn(`What was going on when an alert fired is not known: ${describeError(error)}`, { rule: rule.id });
    }
    return undefined;
  }

  #onQuietChange(instance: Instance): void {
    const { state, rule, identity } = instance;
    if (state.status === 'pending') this.#options.capture?.prepare(rule.context, identity.host);
    if (state.status !== 'ok') instance.unsavedSince ??= this.#options.clock.elapsed();
    else this.#save(instance);
  }

  #record(instance: Instance, event: AlertEvent): void {
    const { store, faults } = this.#options;
    let isDelivered = false;
    const deliver = () => {
      if (!isDelivered) this.#deliver(event);
      isDelivered = true;
    };
    faults.write(() => {
      store.transaction(() => {
        this.#put(instance);
        store.audit(auditEntry(event, instance));
        deliver();
      });
    });
    // A store that cannot be written never holds an alert back.
    deliver();
  }

  /** An error of a receiver's side must not undo the change. */
  #deliver(event: AlertEvent): void {
    try {
      this.#options.onEvent(event);
    } catch (error) {
      this.#options.log.error(`A change of an alert was not taken: ${describeError(error)}`, {
        rule: event.alert.rule,
      });
    }
  }

  #save(instance: Instance): void {
    if (instance.isBlank && !instance.isStored) instance.unsavedSince = undefined;
    else {
      this.#options.faults.write(() => {
        this.#put(instance);
      });
    }
  }

  #put(instance: Instance): void {
    const states = this.#options.store.collection('states');
    const { fingerprint } = instance.identity;
    if (instance.isBlank) states.delete(fingerprint);
    else states.put(fingerprint, toStored(instance, this.#options.clock.now()));
    instance.isStored = !instance.isBlank;
    instance.unsavedSince = undefined;
  }
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

function auditEntry({ kind, alert, at, quiet }: AlertEvent, { shown }: Instance): AuditEntry {
  const { fingerprint, rule, host, level, previousLevel, summary, value, startsAt, endsAt, tags, detail } = alert;
  const more = { level, previousLevel, shown, summary, value, startsAt, endsAt, tags, detail, quiet };
  return { at, kind: 'transition', reason: kind, fingerprint, rule, host, detail: more };
}
