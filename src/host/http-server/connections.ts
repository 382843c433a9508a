/** The connections of a server: a bounded number, and clients that send nothing cannot keep others out. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { Logger } from '../../plugin/index.ts';

export class Connections {
  /** The oldest first; the number of requests being answered. */
  readonly #sockets = new Map<Socket, number>();
  readonly #most: number;
  readonly #log: Logger;
  #hasWarned = false;

  constructor(most: number, log: Logger) {
    this.#most = most;
    this.#log = log;
  }

  get size(): number {
    return this.#sockets.size;
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      if (this.#sockets.size >= this.#most) this.#makeRoom();
      this.#sockets.set(socket, 0);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    // Requests name the encrypted socket; the plain one beneath it ends with it.
    server.on('secureConnection', (secure: Socket) => {
      const { remotePort, remoteAddress } = secure;
      const plain = [...this.#sockets.keys()].find(
        (each) => each.remotePort === remotePort && each.remoteAddress === remoteAddress,
      );
      if (plain !== undefined) this.#sockets.delete(plain);
      this.#sockets.set(secure, 0);
      secure.once('close', () => this.#sockets.delete(secure));
    });
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#count(socket, 1);
      response.once('close', () => {
        this.#count(socket, -1);
      });
    });
  }

  /** Also those whose TLS handshake is not finished. */
  close(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  #count(socket: Socket, by: number): void {
    const before = this.#sockets.get(socket);
    if (before !== undefined) this.#sockets.set(socket, before + by);
  }

  /** Closes the oldest connection without a request, or the oldest of all. */
  #makeRoom(): void {
    const [oldest] = this.#sockets.keys();
    const idle = [...this.#sockets].find(([, requests]) => requests === 0)?.[0] ?? oldest;
    if (idle === undefined) return;
    if (!this.#hasWarned)
      this.#log.warn('Too many connections; the oldest idle ones are closed', {
        connections: this.#sockets.size,
        address: idle.remoteAddress,
      });
    this.#hasWarned = true;
    this.#sockets.delete(idle);
    idle.destroy();
  }
}
