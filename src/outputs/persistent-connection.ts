/** Connections that protocols of their own keep open between writes: to queues and brokers. */
import { PartialWriteError, PermanentError, RetryableError, type Clock } from '../plugin/index.ts';

export interface Connection {
  /** Resolves when it can be used; may reject if it cannot be made. */
  readonly opened: Promise<unknown>;
  /** Aborts when it breaks, or cannot be made, with an error that says where and why. */
  readonly lost: AbortSignal;
  /** Ends it at once, whatever it is doing. */
  drop(): void;
  /** Ends it in good order, for which it may have to wait for the server. */
  close(): Promise<void>;
}

/** How long a server that does not answer may keep a connection from ending. Milliseconds. */
const CLOSE_TIMEOUT_MS = 1000;

/**
 * One connection, to the first of several servers that answers. It is made when first needed, kept while it works, and
 * dropped when something fails or the time is over; the next use makes a new one.
 */
export class PersistentConnection<C extends Connection> {
  readonly #servers: readonly string[];
  readonly #start: (server: string) => C;
  readonly #clock: Clock;
  #current: C | undefined;
  #isInUse = false;
  /** Which server is asked first. */
  #first = 0;

  /** @param start begins to connect, and returns at once */
  constructor(servers: readonly string[], start: (server: string) => C, clock: Clock) {
    this.#servers = servers;
    this.#start = start;
    this.#clock = clock;
  }

  /** @throws the signal's reason as soon as it aborts; else what `work` or the connection throws */
  async use(work: (connection: C) => Promise<void>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#current?.lost.aborted === true) this.#drop();
    const connection = (this.#current ??= await this.#connect(signal));
    this.#isInUse = true;
    try {
      await unlessAborted(work(connection), connection.lost, signal);
    } catch (error) {
      if (!isRefusal(error)) this.#drop();
      throw error;
    } finally {
      this.#isInUse = false;
    }
  }

  /** What is under way when it comes to this is not waited for. */
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
      // One that takes all the time there is must not be the first again.
      this.#first = (first + index + 1) % servers.length;
      const connection = this.#start(server);
      try {
        await unlessAborted(connection.opened, connection.lost, signal);
        this.#first = 0;
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

/** The connection is as good as before when only the lines were wrong. */
function isRefusal(error: unknown): boolean {
  return error instanceof PermanentError || error instanceof PartialWriteError;
}

function combined(failures: readonly unknown[]): unknown {
  if (failures.length === 1) return failures[0];
  const texts = failures.map((failure) => (failure as Error).message);
  return new RetryableError(`No server of ${failures.length} took the lines: ${texts.join('; ')}`);
}

/** What the work gives, unless one of the signals aborts before; then the work goes on, unheard. */
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
