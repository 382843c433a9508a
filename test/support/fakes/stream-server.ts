/** A TCP or TLS server that reads until the client half-closes and then closes too, as servers built on Netty and Twisted do. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

import type { Certificate } from '../kit/certificate.ts';

export interface StreamServerSettings {
  /** Default: no TLS. */
  readonly certificate?: Certificate;
  /** Called with everything that one client sent. If it throws, the connection is reset instead of closed. */
  readonly take?: (stream: Buffer) => void;
  /** Keeps connections open after the client has half-closed them. */
  readonly isStuck?: boolean;
}

export interface StreamServer {
  readonly port: number;
  /** One buffer for each connection that a client half-closed. */
  readonly streams: readonly Buffer[];
  /** Errors thrown by `take`. */
  readonly refusals: readonly unknown[];
  /** Number of open connections. */
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
  // With TLS these are the sockets below it, including those whose handshake failed.
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
