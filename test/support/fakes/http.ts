/** What all fake HTTP services share: listening, recording requests, and misbehaving on request. */
import { once } from 'node:events';
import { createServer as createPlainServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

import type { Certificate } from '../kit/certificate.ts';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** As received. */
  readonly bytes: Buffer;
  /** Decompressed. */
  readonly body: string;
}

export interface FakeAnswer {
  readonly status: number;
  /** An object is sent as JSON. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `reset` closes the connection before the answer. */
export type FakeReply = FakeAnswer | 'hang' | 'reset';

export interface FakeHttp {
  /** Without a trailing slash. */
  readonly url: string;
  /** `host:port`, which messages may name. */
  readonly host: string;
  readonly requests: readonly ReceivedRequest[];
  /** Replace the service's own answers, one each. */
  next: FakeReply[];
  close(): Promise<void>;
}

export async function startFakeHttp(
  answer: (request: ReceivedRequest) => FakeReply,
  certificate?: Certificate,
): Promise<FakeHttp> {
  const requests: ReceivedRequest[] = [];
  const listener: RequestListener = (incoming, response) => {
    void buffer(incoming).then((bytes) => {
      const url = new URL(incoming.url ?? '', 'http://fake');
      const request = {
        method: incoming.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: incoming.headers,
        bytes,
        body: (incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString(),
      };
      requests.push(request);
      const reply = fake.next.shift() ?? answer(request);
      if (reply === 'hang') return;
      if (reply === 'reset') {
        incoming.socket.destroy();
        return;
      }
      const { status, body = '', headers } = reply;
      const isJson = typeof body === 'object';
      response.writeHead(status, { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers });
      response.end(isJson ? JSON.stringify(body) : body);
    });
  };
  const server = certificate === undefined ? createPlainServer(listener) : createTlsServer(certificate, listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake: FakeHttp = {
    url: `${certificate === undefined ? 'http' : 'https'}://${host}`,
    host,
    requests,
    next: [],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}
