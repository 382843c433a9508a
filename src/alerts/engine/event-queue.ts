/** Events in their order, though the first of an alert may wait a moment for what was going on when it fired. */
import type { Clock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { ContextTable } from '../../plugin/notification.ts';
import type { AlertEvent } from '../alert-event.ts';

/** People are rather told without it than late. */
const LONGEST_WAIT_MS = 150;

type Tables = readonly ContextTable[];

interface Waiting {
  readonly events: AlertEvent[];
  readonly finish: (tables: Tables | undefined) => void;
}

export class EventQueue {
  readonly #clock: Clock;
  readonly #onEvent: (event: AlertEvent) => void;
  readonly #log: Logger;
  /** By fingerprint. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(clock: Clock, onEvent: (event: AlertEvent) => void, log: Logger) {
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#log = log;
  }

  /** Behind those of the same alert that wait. */
  add(event: AlertEvent): void {
    const waiting = this.#waiting.get(event.alert.fingerprint);
    if (waiting === undefined) this.#deliver(event);
    else waiting.events.push(event);
  }

  /**
   * Holds the event back until there are tables, though not for long.
   *
   * @param onTables called before the event is delivered, and never if there are none in time
   */
  addWhen(event: AlertEvent, tables: Promise<Tables>, onTables: (tables: Tables) => void): void {
    const { fingerprint } = event.alert;
    if (this.#waiting.has(fingerprint)) {
      this.add(event);
      return;
    }
    const finish = (found: Tables | undefined) => {
      if (this.#waiting.get(fingerprint) !== waiting) return;
      this.#waiting.delete(fingerprint);
      cancel();
      if (found !== undefined) onTables(found);
      for (const each of waiting.events) this.#deliver(found === undefined ? each : withContext(each, found));
    };
    const waiting: Waiting = { events: [event], finish };
    this.#waiting.set(fingerprint, waiting);
    const cancel = this.#clock.after(LONGEST_WAIT_MS, () => {
      finish(undefined);
    });
    tables.then(finish, (error: unknown) => {
      this.#log.warn(`What was going on when an alert fired is not known: ${describeError(error)}`);
      finish(undefined);
    });
  }

  /** Delivers everything now. */
  flush(): void {
    for (const { finish } of [...this.#waiting.values()]) finish(undefined);
  }

  #deliver(event: AlertEvent): void {
    try {
      this.#onEvent(event);
    } catch (error) {
      this.#log.error(`A change of an alert was not taken: ${describeError(error)}`, { rule: event.alert.rule });
    }
  }
}

function withContext(event: AlertEvent, context: Tables): AlertEvent {
  return { ...event, alert: Object.freeze({ ...event.alert, context }) };
}
