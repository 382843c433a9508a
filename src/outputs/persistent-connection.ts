/** A connection to a broker that stays open between writes. */
import { PartialWriteError, PermanentError, RetryableError, type Clock } from '../plugin/index.ts';

export interface Connection {
  /** Resolves when the connection is ready; may reject if connecting fails. */
  readonly opened: Promise<unknown>;
  /** Aborts when the connection breaks or cannot be established; the reason is an error that names server and cause. */
  readonly lost: AbortSignal;
  /** Closes the connection immediately, also in the middle of a request. */
  drop(): void;
  /** Closes the connection gracefully, which may wait for the server. */
  close(): Promise<void>;
}

/** Maximum time for a graceful close. Milliseconds. */
const CLOSE_TIMEOUT_MS = 1000;

/**
 * One connection, to the first of several servers that responds. It is opened on first use, reused while it works, and
 * dropped after a failure or an abort; the next use reconnects, to the next
 * server if no use of that connection succeeded.
 */
export class PersistentConnection<C extends Connection> {
  readonly #servers: readonly string[];
  readonly #start: (server: string) => C;
  readonly #clock: Clock;
  #current: C | undefined;
  #isInUse = false;
  /** Index of the server that is tried first. */
  #first = 0;

  /** @param start starts connecting and returns immediately */
  constructor(servers: readonly string[], start: (server: string) => C, clock: Clock) {
    this.#servers = servers;
    this.#start = start;
    this.#clock = clock;
  }

  /** @throws the signal's reason as soon as it aborts; otherwise the error of `work` or of the connection */
  async use(work: (connection: C) => Promise<void>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#current?.lost.aborted === true) this.#drop();
    const connection = (this.#current ??= await this.#connect(signal));
    this.#isInUse = true;
    try {
      await unlessAborted(work(connection), connection.lost, signal);
      this.#first = 0;
    } catch (error) {
      if (!isRefusal(error)) this.#drop();
      throw error;
    } finally {
      this.#isInUse = false;
    }
  }

  /** Does not wait for a write in progress: the connection is dropped then. */
  async close(): Promise<void> {
    const connection = this.#current;
    if (connection === undefined) return;
    if (this.#isInUse) {
      this.#drop();
      return;
    }
    this.#current = undefined;
    const timeout = this.#clock.signal(CLOSE_TIMEOUT_MS);
    try {
      await unlessAborted(connection.close(), timeout);
    } catch (error) {
      connection.drop();
      if (!timeout.aborted) throw error;
    }
  }

  #drop(): void {
    this.#current?.drop();
    this.#current = undefined;
  }

  async #connect(signal: AbortSignal): Promise<C> {
    const failures: unknown[] = [];
    const first = this.#first;
    const servers = [...this.#servers.slice(first), ...this.#servers.slice(0, first)];
    for (const [index, server] of servers.entries()) {
      // One that uses up the whole deadline, or is cut off though it opens connections, must not be tried first again.
      this.#first = (first + index + 1) % servers.length;
      const connection = this.#start(server);
      try {
        await unlessAborted(connection.opened, connection.lost, signal);
        return connection;
      } catch (error) {
        connection.drop();
        if (signal.aborted) throw error;
        failures.push(error);
      }
    }
    throw combined(failures);
  }
}

/** Errors about the lines leave the connection usable. */
function isRefusal(error: unknown): boolean {
  return error instanceof PermanentError || error instanceof PartialWriteError;
}

function combined(failures: readonly unknown[]): unknown {
  if (failures.length === 1) return failures[0];
  const texts = failures.map((failure) => (failure as Error).message);
  return new RetryableError(`None of ${failures.length} servers accepted the lines: ${texts.join('; ')}`);
}

/** Settles as `work` does, or rejects when a signal aborts first; the result of `work` is then ignored. */
async function unlessAborted<T>(work: Promise<T>, ...signals: readonly AbortSignal[]): Promise<T> {
  const listening = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    for (const signal of signals) {
      const onAbort = () => {
        reject(signal.reason as Error);
      };
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { signal: listening.signal });
    }
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    listening.abort();
  }
}
