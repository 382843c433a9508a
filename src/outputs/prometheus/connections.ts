/** The connections of the endpoint: a bounded number, and clients that send nothing cannot keep others out. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { Logger } from '../../plugin/index.ts';

/** A few Prometheus servers and a few browsers. */
const MAX_CONNECTIONS = 128;

export class Connections {
  /** The oldest first; whether a request is being answered. */
  readonly #sockets = new Map<Socket, boolean>();
  readonly #log: Logger;
  #hasWarned = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      if (this.#sockets.size >= MAX_CONNECTIONS) this.#makeRoom();
      this.#sockets.set(socket, false);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      if (!this.#sockets.has(socket)) return;
      this.#sockets.set(socket, true);
      response.once('close', () => {
        if (this.#sockets.has(socket)) this.#sockets.set(socket, false);
      });
    });
  }

  /** Also those whose TLS handshake is not finished. */
  close(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  /** Closes the oldest connection without a request, or the oldest of all. */
  #makeRoom(): void {
    const [oldest] = this.#sockets.keys();
    const idle = [...this.#sockets].find(([, isBusy]) => !isBusy)?.[0] ?? oldest;
    if (idle === undefined) return;
    if (!this.#hasWarned)
      this.#log.warn('Too many connections to the endpoint for Prometheus; the oldest idle ones are closed', {
        connections: this.#sockets.size,
        address: idle.remoteAddress,
      });
    this.#hasWarned = true;
    this.#sockets.delete(idle);
    idle.destroy();
  }
}
