/** The whole agent: an ordered list of parts that start, reload and stop on one path. */
import type { AlertControl } from '../alerts/control.ts';
import type { Config } from '../config/config.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { prepareAll } from '../core/part.ts';
import type { HistoryAccess } from '../history/access.ts';
import { settledOrAborted } from '../host/deadline.ts';

import type { AgentOptions } from './options.ts';
import { changesBetween, type Changes } from './changes.ts';
import { createParts, type Parts } from './parts.ts';

export type { AgentOptions };

/** Of `stop_timeout`, what is kept for the journal to write its last lines. Milliseconds. */
const CLOSING_MS = 1000;

export class Agent {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #parts: Parts;
  readonly #stopping = new AbortController();
  /** In use, or being prepared. */
  #config: Config;

  constructor(options: AgentOptions) {
    this.#config = options.config;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.logFor('agent');
    this.#parts = createParts(
      options,
      () => this.#config,
      () => this.#stopping.signal.aborted,
    );
  }

  /**
   * @param signal aborts the start
   * @throws what a plugin refuses, and HeldError if another process has the journal; then nothing was started
   */
  async start(signal: AbortSignal = this.#stopping.signal): Promise<void> {
    await this.#take(this.#config, signal);
    const { inputs, outputs } = this.#config;
    this.#log.info('Started', { inputs: aliases(inputs), outputs: aliases(outputs) });
  }

  /**
   * Puts a new configuration to use. Only what differs is stopped and started; journal, cursors and counters stay.
   *
   * @returns undefined if nothing differs
   * @throws what a plugin refuses; then everything goes on as before
   */
  async reload(config: Config): Promise<Partial<Changes> | undefined> {
    const before = this.#config;
    await this.#take(config, this.#stopping.signal);
    const changes = changesBetween(before, config);
    if (changes === undefined) this.#log.info('Reloaded; the configuration has not changed');
    else {
      this.#log.info('Reloaded', changes);
      this.#parts.history?.reconfigured();
    }
    return changes;
  }

  /** Lets outputs open their files again, after a rotation from outside. */
  reopen(): Promise<void> {
    return this.#parts.deliver.reopen();
  }

  /**
   * With `once`: gathers every input twice, so that rates are known, and passes on the points of the second gather. `stop`
   * sends them.
   *
   * @param between milliseconds between the two
   * @returns aliases of the inputs that failed
   */
  gatherOnce(between: number): Promise<readonly string[]> {
    return this.#parts.gather.gatherOnce(between, this.#stopping.signal);
  }

  /** Takes an error that no code has handled: a rejection without a handler, an uncaught exception. Never throws. */
  takeStrayError(thrown: unknown): void {
    this.#parts.strayErrors.take(thrown);
  }

  /** Queries and actions on alerts; undefined without alerts. */
  get alerts(): AlertControl | undefined {
    return this.#parts.alerts?.alerts;
  }

  /** Where the page is, with a token that opens one session; undefined without a port. */
  newAddress(): string | undefined {
    return this.#parts.server.newAddress()?.url;
  }

  /** Queries of the embedded history; undefined without one. */
  get history(): HistoryAccess | undefined {
    return this.#parts.history?.access;
  }

  /**
   * Inputs end, the pipeline drains, outputs send what is left until the configured deadline. Never throws.
   *
   * @param most a shorter deadline, ms
   */
  async stop(most = Infinity): Promise<void> {
    this.#stopping.abort(new DOMException('The agent stops', 'AbortError'));
    const timeout = Math.min(most, this.#config.agent.stop_timeout);
    const over = new AbortController();
    const cancel = this.#clock.after(timeout, () => {
      over.abort();
    });
    await settledOrAborted(this.#stopParts(timeout - Math.min(CLOSING_MS, timeout / 5)), over.signal);
    cancel();
    if (over.signal.aborted) this.#log.warn('stop_timeout is over; what the disk has not taken yet may be lost');
    this.#log.info('Stopped');
  }

  /** @param timeout of all parts but the journal */
  async #stopParts(timeout: number): Promise<void> {
    const deadline = this.#clock.elapsed() + timeout;
    const parts = this.#parts.inOrder;
    for (const [index, part] of [...parts.entries()].toReversed()) {
      // An equal share of the time that is left. The first part, the journal, has what was kept for it.
      const late = new AbortController();
      const cancel = this.#clock.after((deadline - this.#clock.elapsed()) / Math.max(1, index), () => {
        late.abort();
      });
      await part.stop(late.signal);
      cancel();
    }
  }

  async #take(config: Config, signal: AbortSignal): Promise<void> {
    const before = this.#config;
    this.#config = config;
    try {
      const prepared = await prepareAll(this.#parts.inOrder.map((part) => () => part.prepare(config, signal)));
      await prepared.use();
    } catch (error) {
      this.#config = before;
      throw error;
    }
  }
}

function aliases(entries: readonly { readonly alias: string }[]): readonly string[] {
  return entries.map(({ alias }) => alias);
}
