/**
 * An HTTP proxy as Squid is one: CONNECT for HTTPS, the absolute form for HTTP. Every name leads to 127.0.0.1, so that
 * tests can use names that only the proxy can resolve.
 */
import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { Certificate } from '../kit/certificate.ts';

export interface FakeProxy {
  /** Without credentials and a trailing slash. */
  readonly url: string;
  /** `host:port`. */
  readonly host: string;
  /** `CONNECT host:port` or `POST http://…`, one each. */
  readonly asked: string[];
  /** The headers of each. */
  readonly headers: IncomingMessage['headers'][];
  /** Status of every answer instead of passing on; `hang`: no answer. */
  refusal: number | 'hang' | undefined;
  readonly openConnections: number;
  close(): Promise<void>;
}

export interface FakeProxySettings {
  /** `user:password`; others get 407. */
  readonly credentials?: string;
  readonly certificate?: Certificate;
}

export async function startFakeProxy({ credentials, certificate }: FakeProxySettings = {}): Promise<FakeProxy> {
  const sockets = new Set<Socket>();
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const refusalOf = ({ method, url, headers }: IncomingMessage) => {
    proxy.asked.push(`${method ?? ''} ${url ?? ''}`);
    proxy.headers.push(headers);
    return proxy.refusal ?? (expected === undefined || headers['proxy-authorization'] === expected ? undefined : 407);
  };
  const forward = (incoming: IncomingMessage, response: ServerResponse) => {
    const refusal = refusalOf(incoming);
    if (refusal === 'hang') return;
    if (refusal !== undefined) {
      response.writeHead(refusal).end('refused by the proxy');
      return;
    }
    const { port, pathname, search } = new URL(incoming.url ?? '');
    const to = { host: '127.0.0.1', port, path: pathname + search, method: incoming.method, headers: incoming.headers };
    const outgoing = send(to, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.writeHead(502).end());
    incoming.pipe(outgoing);
  };
  const tunnel = (incoming: IncomingMessage, client: Duplex) => {
    client.on('error', () => client.destroy());
    const refusal = refusalOf(incoming);
    if (refusal === 'hang') {
      client.resume().on('end', () => client.end());
      return;
    }
    if (refusal !== undefined) {
      client.end(`HTTP/1.1 ${refusal} Refused\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const server = connect(Number(incoming.url?.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(server).pipe(client);
    });
    server.on('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    client.on('close', () => server.destroy());
  };
  const server = certificate === undefined ? createServer(forward) : createTlsServer(certificate, forward);
  server.on('connect', tunnel).on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy: FakeProxy = {
    url: `${certificate === undefined ? 'http' : 'https'}://${host}`,
    host,
    asked: [],
    headers: [],
    refusal: undefined,
    get openConnections() {
      return sockets.size;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
