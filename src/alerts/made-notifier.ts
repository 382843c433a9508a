import { describeError } from '../core/errors.ts';
import type { OpenContext } from '../host/context.ts';
import { createInstance, withPlace } from '../host/create-instance.ts';
import type { Running } from '../host/instances.ts';
import { RetryableError, type AlertView, type Notifier } from '../plugin/index.ts';

import { addressOf, type NotifierEntry } from './entry.ts';
import type { Receiver } from './notify/receiver.ts';

const DEFAULT_RATE = { perSecond: 10, burst: 10 };

/** A notifier of the configuration, made: a receiver of notifications. */
export class MadeNotifier implements Running<NotifierEntry> {
  readonly entry: NotifierEntry;
  readonly receiver: Receiver;
  readonly #notifier: Notifier;
  #isStopped = false;
  readonly #context: OpenContext;

  /** @throws whatever the plugin's `create` throws: options that the schema cannot check */
  static async create(entry: NotifierEntry, context: OpenContext): Promise<MadeNotifier> {
    return new MadeNotifier(entry, context, await createInstance(entry, context));
  }

  private constructor(entry: NotifierEntry, context: OpenContext, notifier: Notifier) {
    this.entry = entry;
    this.#context = context;
    this.#notifier = notifier;
    this.receiver = this.#createReceiver();
  }

  /** A notifier runs when a notification is sent. */
  start(): void {
    return undefined;
  }

  /**
   * For services that forget alerts that are not repeated. Failures are only logged at debug: the next minute tries again,
   * and its lane reports a broken receiver.
   */
  keepAlive(firing: () => readonly AlertView[]): void {
    if (this.#notifier.keepAlive === undefined) return;
    const alerts = firing();
    if (alerts.length === 0) return;
    this.#notifier.keepAlive(alerts, this.#context.clock.signal(this.entry.timeout)).catch((error: unknown) => {
      this.#context.log.debug(`${this.entry.alias} could not be kept alive: ${describeError(error)}`);
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    try {
      await this.#notifier.stop?.();
    } finally {
      this.#context.host.close();
    }
  }

  /** The configured rate goes before the notifier's own. */
  #createReceiver(): Receiver {
    const { alias: name, timeout, rate, send_resolved: sendResolved, plugin, file } = this.entry;
    const { perSecond, burst } = this.#notifier.rate ?? DEFAULT_RATE;
    const notify: Notifier['notify'] = async (...args) => {
      if (this.#isStopped)
        throw new RetryableError('the notifier was stopped after an unhandled error; a reload starts it');
      try {
        await this.#notifier.notify(...args);
      } catch (error) {
        throw withPlace(error, file);
      }
    };
    const { maxAlerts: most, each = false } = plugin;
    return {
      name,
      notifier: { notify },
      address: addressOf(this.entry),
      each,
      timeout,
      rate: { perSecond: rate ?? perSecond, burst },
      sendResolved,
      ...(most === undefined ? {} : { most }),
    };
  }
}
