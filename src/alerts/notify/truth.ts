/**
 * The truth about alerts: one fact for each that fires, and for each that has ended while a receiver must still hear so.
 * Fed by the engine, in the transaction of the event.
 */
import { randomUUID } from 'node:crypto';

import type { Clock } from '../../core/clock.ts';
import { z } from '../../plugin/index.ts';
import { ALERT_LEVELS, rank, type AlertView, type ContextTable } from '../../plugin/notification.ts';
import type { AlertEvent } from '../alert-event.ts';
import { NOT_IN_TIME } from '../context/capture.ts';
import type { AlertStore, Collection } from '../store/store.ts';

import { storedView } from './stored-view.ts';

/** The agent that has handed an alert to this hub. */
export interface Origin {
  /** Id of its host. */
  readonly host: string;
  /** Its name when the alert came. */
  readonly name: string;
  /** The agent notifies of it until it ends. */
  readonly isDelivered: boolean;
  /** Who silenced it at the agent. */
  readonly held?: string | undefined;
}

export interface Fact {
  readonly fingerprint: string;
  /** Random id of one span from firing to resolved. */
  readonly episode: string;
  readonly status: 'firing' | 'ended';
  /** After the last change, with the context that was captured when it fired. */
  readonly view: AlertView;
  /** What it was at its highest level; undefined in facts of earlier versions. */
  readonly worst?: Worst | undefined;
  /** When it last changed, by the clock's `elapsed`. */
  readonly since: number;
  /** Its rule is history only (`notify: false`). */
  readonly isQuiet: boolean;
  /** Context may still come. By the clock's `elapsed`. */
  readonly contextUntil?: number;
  /** Undefined: it is judged here. */
  readonly origin?: Origin | undefined;
}

const worst = z.object({ level: z.enum(ALERT_LEVELS), value: z.number().optional(), summary: z.string() });

type Worst = Readonly<z.output<typeof worst>>;

const stored = z.object({
  episode: z.string(),
  status: z.enum(['firing', 'ended']),
  view: storedView,
  worst: worst.optional(),
  at: z.number(),
  isQuiet: z.boolean(),
  origin: z
    .object({ host: z.string(), name: z.string(), isDelivered: z.boolean(), held: z.string().optional() })
    .optional(),
});

export class Truth {
  readonly #clock: Clock;
  readonly #table: Collection;
  readonly #facts = new Map<string, Fact>();

  constructor(store: AlertStore, clock: Clock) {
    this.#clock = clock;
    this.#table = store.collection('facts');
    for (const [fingerprint, value] of this.#table.entries()) {
      const parsed = stored.safeParse(value);
      if (parsed.success) {
        const { at, ...fact } = parsed.data;
        const since = clock.elapsed() - Math.max(0, clock.now() - at);
        this.#facts.set(fingerprint, { fingerprint, ...fact, since });
      } else this.#table.delete(fingerprint);
    }
  }

  get(fingerprint: string): Fact | undefined {
    return this.#facts.get(fingerprint);
  }

  all(): readonly Fact[] {
    return [...this.#facts.values()];
  }

  firing(): readonly Fact[] {
    return this.all().filter(({ status }) => status === 'firing');
  }

  /**
   * While an alert flaps, and for samples of the past, its changes are history only; an event of the present follows.
   *
   * @returns the new fact; undefined if nothing has changed
   */
  take({ alert, quiet, contextFor }: AlertEvent): Fact | undefined {
    const { fingerprint } = alert;
    const known = this.#facts.get(fingerprint);
    const isKnown = known?.status === 'firing';
    if (quiet === 'flapping' || (!isKnown && (quiet === 'late' || alert.status === 'resolved'))) return undefined;
    const elapsed = this.#clock.elapsed();
    const before = isKnown ? known : undefined;
    const reached = worstOf(before, alert);
    return this.#put({
      fingerprint,
      episode: isKnown ? known.episode : randomUUID().slice(0, 13),
      status: alert.status === 'resolved' ? 'ended' : 'firing',
      view: remembering(awaiting(alert, contextFor), reached, before?.view.silentSince),
      worst: reached,
      since: elapsed,
      isQuiet: quiet === 'notify_off',
      ...(contextFor === undefined ? {} : { contextUntil: elapsed + contextFor }),
    });
  }

  /** Of another host, as that says. @returns the fact */
  adopt(fact: Fact): Fact {
    return this.#put(fact);
  }

  /** What was going on when it fired. */
  addContext(fingerprint: string, context: readonly ContextTable[]): void {
    const known = this.#facts.get(fingerprint);
    if (known === undefined) return;
    const { contextUntil: _, ...fact } = known;
    this.#put({ ...fact, view: { ...fact.view, context } });
  }

  /** An alert of an earlier process that this one does not know. */
  end(fingerprint: string, detail: string): Fact | undefined {
    const known = this.#facts.get(fingerprint);
    if (known?.status !== 'firing') return undefined;
    const ended: AlertView = { ...known.view, status: 'resolved', endsAt: this.#clock.now(), detail };
    const view = remembering(ended, known.worst);
    return this.#put({ ...known, status: 'ended', view, since: this.#clock.elapsed() });
  }

  /** No receiver has to hear anything about it any more. */
  release(fingerprint: string): void {
    if (this.#facts.get(fingerprint)?.status !== 'ended') return;
    this.#facts.delete(fingerprint);
    this.#table.delete(fingerprint);
  }

  /** The trend of an alert that fires is read when a message is made. */
  #put(given: Fact): Fact {
    const isFiring = given.status === 'firing' && given.view.trend !== undefined && given.origin === undefined;
    const fact = isFiring ? { ...given, view: { ...given.view, trend: undefined } } : given;
    const { fingerprint, since, contextUntil: _, ...rest } = fact;
    this.#facts.set(fingerprint, fact);
    this.#table.put(fingerprint, {
      ...rest,
      view: { ...fact.view, trend: undefined },
      at: this.#clock.now() - (this.#clock.elapsed() - since),
    });
    return fact;
  }
}

function worstOf(known: Fact | undefined, { status, level, value, summary, detail }: AlertView): Worst | undefined {
  const before = known?.worst;
  if (status === 'resolved' || (before !== undefined && rank(level) <= rank(before.level))) return before;
  // A value that came before the data went missing did not make it fire.
  return { level, value: detail === 'no_data' ? undefined : value, summary };
}

/** Until the context comes, and if it never does, the alert says that it is missing. */
function awaiting(alert: AlertView, contextFor: number | undefined): AlertView {
  if (contextFor === undefined) return alert;
  const missing: ContextTable = { kind: 'host', title: 'What was running', columns: [], rows: [], note: NOT_IN_TIME };
  return { ...alert, context: [missing] };
}

/** The engine knows the present; what it was when it fired is remembered here. */
function remembering(view: AlertView, worst: Worst | undefined, silentSince = view.silentSince): AlertView {
  const summary = view.status === 'resolved' && worst !== undefined ? worst.summary : view.summary;
  return { ...view, summary, firedValue: worst?.value, silentSince: view.silentSince && silentSince };
}
