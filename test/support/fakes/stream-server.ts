/** A TCP or TLS server that reads until the client has ended and then ends too, as servers made with Netty and Twisted do. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

import type { Certificate } from '../kit/certificate.ts';

export interface StreamServerSettings {
  /** Default: no TLS. */
  readonly certificate?: Certificate;
  /** Called with all that one client has sent. When it throws, the connection is broken off in place of ended. */
  readonly take?: (stream: Buffer) => void;
  /** Keeps connections open after the client has ended them. */
  readonly isStuck?: boolean;
}

export interface StreamServer {
  readonly port: number;
  /** What clients have sent, a buffer for each connection that was ended. */
  readonly streams: readonly Buffer[];
  /** What `take` threw. */
  readonly refusals: readonly unknown[];
  /** Connections that are open now. */
  clients(): number;
  stop(): Promise<void>;
}

export async function startStreamServer(settings: StreamServerSettings = {}): Promise<StreamServer> {
  const { certificate, take, isStuck = false } = settings;
  const streams: Buffer[] = [];
  const refusals: unknown[] = [];
  const open = new Set<Socket>();
  const onConnection = (socket: Socket) => {
    const chunks: Buffer[] = [];
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => {
      if (isStuck) return;
      const stream = Buffer.concat(chunks);
      try {
        take?.(stream);
      } catch (error) {
        refusals.push(error);
        socket.resetAndDestroy();
        return;
      }
      streams.push(stream);
      socket.end();
    });
  };
  const server: Server =
    certificate === undefined
      ? createServer({ allowHalfOpen: true }, onConnection)
      : createTlsServer({ ...certificate, allowHalfOpen: true }, onConnection).on('tlsClientError', () => undefined);
  // With TLS these are the sockets below it, also those on which no TLS came about.
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    streams,
    refusals,
    clients: () => open.size,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of open) socket.destroy();
      }),
  };
}
