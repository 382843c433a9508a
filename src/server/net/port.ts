/**
 * The TCP port. A default port that is in use gives way to the next; a configured one is tried again, with backoff, since what
 * holds it may be the agent's own predecessor.
 */
import type { RequestListener } from 'node:http';

import { backoffMs } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import { describeError, errorCode } from '../../core/errors.ts';
import type { ListenAddress } from '../../core/listen-address.ts';
import type { BoundServer } from '../../host/http-server/bind.ts';
import type { Logger } from '../../plugin/index.ts';

import { listenOnPort, type TlsFiles } from '../listener.ts';

import { portHolder } from './port-holder.ts';

export const DEFAULT_PORTS: readonly number[] = [8400, 8401, 8402, 8403, 8404, 8405, 8406, 8407, 8408, 8409];

const RETRY = { minMs: 2000, maxMs: 60_000 };

export interface PortOptions {
  readonly address: Pick<ListenAddress, 'host'>;
  /** In the order in which they are tried. */
  readonly ports: readonly number[];
  readonly tls: TlsFiles | undefined;
  readonly handler: RequestListener;
  /** Default: that of an agent that is no hub. */
  readonly maxConnections?: number | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

export class Port {
  readonly #options: PortOptions;
  #tls: TlsFiles | undefined;
  #listener: BoundServer | undefined;
  #trouble: string | undefined;
  #cancelRetry: () => void = () => undefined;
  #isClosed = false;

  constructor(options: PortOptions) {
    this.#options = options;
    this.#tls = options.tls;
  }

  /** The one that was bound; undefined while none is. */
  get port(): number | undefined {
    return this.#listener?.port;
  }

  /** Why it does not listen. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves after the first attempt. Never throws: without the port, the rest of the agent works. */
  open(): Promise<void> {
    return this.#attempt(1);
  }

  /** A certificate that was renewed. */
  setTls(tls: TlsFiles | undefined): void {
    this.#tls = tls;
    if (tls !== undefined) this.#listener?.setTls(tls);
  }

  /** Ends the open connections; new ones are taken. */
  disconnect(): void {
    this.#listener?.disconnect();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry();
    await this.#listener?.close();
  }

  async #attempt(number: number): Promise<void> {
    const { address, ports, handler, maxConnections, clock, random, log } = this.#options;
    for (const port of ports) {
      try {
        const listener = await listenOnPort({ ...address, port }, this.#tls, handler, log, maxConnections);
        if (this.#isClosed) await listener.close();
        else this.#listener = listener;
        this.#trouble = undefined;
        return;
      } catch (error) {
        this.#trouble = await troubleOf(error, address.host, port);
        const hasNext = port !== ports.at(-1);
        const goesOn = hasNext && isInUse(error);
        if (goesOn) log.info(`${this.#trouble}; trying the next port`);
        else if (number === 1) log.warn(this.#trouble);
        if (!isInUse(error)) break;
      }
    }
    if (this.#isClosed) return;
    if (number === 1) log.error('The page is not served; trying again');
    this.#cancelRetry = clock.after(backoffMs(number, RETRY, random()), () => {
      void this.#attempt(number + 1).then(() => {
        if (this.#listener !== undefined) log.info('The page is served', { port: this.#listener.port });
      });
    });
  }
}

function isInUse(error: unknown): boolean {
  return errorCode(error) === 'EADDRINUSE';
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'this host does not have that address; correct server.listen',
  EACCES: 'ports below 1024 require privileges; change server.listen',
  ENOTFOUND: 'the host name cannot be resolved; correct server.listen',
};

async function troubleOf(error: unknown, host: string | undefined, port: number): Promise<string> {
  const where = `${host === undefined ? 'port ' : `${host.includes(':') ? `[${host}]` : host}:`}${port}`;
  if (!isInUse(error)) return `Cannot listen on ${where}: ${REASONS[errorCode(error) ?? ''] ?? describeError(error)}`;
  const holder = await portHolder(port);
  return `Cannot listen on ${where}: it is in use${holder === undefined ? '' : ` by ${holder}`}`;
}
