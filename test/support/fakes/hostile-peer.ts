/** A TCP server that answers every protocol wrongly. */
import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

const MiB = 1024 * 1024;

let packed: Buffer | undefined;

function bomb(): Buffer {
  return (packed ??= gzipSync(Buffer.alloc(120 * MiB, ' ')));
}

export const MISBEHAVIOURS = {
  /** A head that promises JSON, and a string that never ends. */
  endless: (socket: Socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"errors":"');
    pour(socket, Buffer.alloc(65_536, 'x'));
  },
  /** Bytes without any structure, for ever. */
  garbage: (socket: Socket) => {
    pour(socket, randomBytes(65_536));
  },
  /** 120 KB that inflate to 120 MB. */
  bomb: (socket: Socket) => {
    const body = bomb();
    const head = 'HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n';
    socket.end(Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`), body]));
  },
  /** A byte of a head at a time. */
  slow: (socket: Socket) => {
    const timer = setInterval(() => socket.write('H'), 100);
    socket.once('close', () => {
      clearInterval(timer);
    });
  },
  /** Half an answer, then no more, while the other direction stays open. */
  'half-closed': (socket: Socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"items":[');
  },
  silent: () => undefined,
} as const satisfies Readonly<Record<string, (socket: Socket) => void>>;

export type Misbehaviour = keyof typeof MISBEHAVIOURS;

export interface HostilePeer {
  readonly port: number;
  connections(): number;
  close(): Promise<void>;
}

/** Misbehaves as soon as a client has connected, or has sent its first bytes: some servers speak first. */
export async function startHostilePeer(misbehaviour: Misbehaviour): Promise<HostilePeer> {
  bomb();
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // What a client does to a connection is its own business.
    socket.on('error', () => undefined);
    socket.resume();
    const begin = setTimeout(() => {
      MISBEHAVIOURS[misbehaviour](socket);
    }, 50);
    socket.once('close', () => {
      clearTimeout(begin);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pour(socket: Socket, chunk: Buffer): void {
  while (!socket.destroyed && socket.write(chunk));
  if (socket.destroyed) return;
  socket.once('drain', () => {
    pour(socket, chunk);
  });
}
