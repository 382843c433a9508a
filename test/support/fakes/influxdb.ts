/**
 * An InfluxDB that is stricter than the real ones and misbehaves on request. It keeps the stored lines and records every request
 * that a real server would not understand.
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

import { parseLines } from '../../../src/metric/line-protocol.ts';

/** What happens instead of an ordinary answer. */
export type Misbehaviour =
  | 'hang'
  /** The connection closes before the answer. */
  | 'close'
  /** The connection closes within the body of the answer. */
  | 'close-mid-body'
  /** The answer is not HTTP. */
  | 'garbage'
  | CannedAnswer;

export interface CannedAnswer {
  readonly status: number;
  /** An object is sent as JSON. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds before the answer. */
  readonly delay?: number;
}

export interface FakeSettings {
  readonly version: 1 | 2;
  /** The expected header; none by default. */
  readonly authorization?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface ReceivedWrite {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  /** Decompressed. */
  readonly body: string;
  /** As received. */
  readonly bytes: Buffer;
}

export interface FakeInfluxDb {
  readonly url: string;
  readonly writes: ReceivedWrite[];
  /** Statements sent to `/query`. */
  readonly statements: string[];
  readonly stored: string[];
  /** Violations of the API, one text each. */
  readonly violations: string[];
  /** Databases of version 1; undefined: every name exists. */
  databases: Set<string> | undefined;
  /** Error of `CREATE DATABASE`, in an answer with status 200. */
  creationError: string | undefined;
  /** Answers of the next writes, one each; `always` after these. */
  next: Misbehaviour[];
  always: Misbehaviour | undefined;
  /** Bodies larger than this get 413; bytes on the wire. */
  maxBytes: number;
  /** The reason to refuse a line; the others are stored, and the answer is a partial write. */
  refuse: ((line: string) => string | undefined) | undefined;
  /** Requests whose connection the client closed before the answer. */
  readonly abandoned: number;
  /** All connections so far. */
  readonly connections: number;
  readonly openConnections: number;
  stop(): Promise<void>;
}

export async function startFakeInfluxDb(settings: FakeSettings): Promise<FakeInfluxDb> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let abandoned = 0;
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    response.on('close', () => {
      if (!response.writableEnded) abandoned += 1;
    });
    answer(request, response).catch((error: unknown) => {
      fake.violations.push(`failed: ${String(error)}`);
      response.destroy();
    });
  };
  const server = settings.tls === undefined ? createHttpServer(listener) : createHttpsServer(settings.tls, listener);
  server.on(settings.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await buffer(request);
    const url = new URL(request.url ?? '', 'http://fake');
    perform(url.pathname === '/query' ? query(bytes, request) : write(url, bytes, request), request, response);
  }

  function write(url: URL, bytes: Buffer, request: IncomingMessage): Misbehaviour {
    const misbehaviour = fake.next.shift() ?? fake.always;
    const received = {
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: decoded(bytes, request.headers['content-encoding']),
      bytes,
    };
    fake.writes.push(received);
    fake.violations.push(...violationsOf(received, request.method, settings));
    if (misbehaviour !== undefined) return misbehaviour;
    if (request.headers.authorization !== settings.authorization) return unauthorized(settings);
    if (bytes.length > fake.maxBytes) return { status: 413, body: { error: 'Request Entity Too Large' } };
    const database = received.query['db'];
    if (database !== undefined && fake.databases?.has(database) === false)
      return { status: 404, body: { error: `database not found: "${database}"` } };
    return store(received.body);
  }

  function store(body: string): CannedAnswer {
    const lines = body.split('\n').filter(Boolean);
    const refused = lines.flatMap((line) => {
      const reason = fake.refuse?.(line);
      return reason === undefined ? [] : [`unable to parse '${line}': ${reason}`];
    });
    fake.stored.push(...lines.filter((line) => fake.refuse?.(line) === undefined));
    if (refused.length === 0) return { status: 204 };
    const text = refused.join('\n');
    if (refused.length === lines.length) return { status: 400, body: { error: text } };
    return { status: 400, body: { error: `partial write: ${text} dropped=0` } };
  }

  function query(bytes: Buffer, request: IncomingMessage): CannedAnswer {
    const statement = new URLSearchParams(bytes.toString()).get('q') ?? '';
    fake.statements.push(statement);
    if (request.headers.authorization !== settings.authorization) return unauthorized(settings);
    const name = /^CREATE DATABASE "((?:\\.|[^"\\])+)"$/.exec(statement)?.[1];
    if (name === undefined) return { status: 400, body: { error: `error parsing query: ${statement}` } };
    if (fake.creationError !== undefined) return { status: 200, body: { results: [{ error: fake.creationError }] } };
    fake.databases?.add(name.replace(/\\(.)/g, '$1'));
    return { status: 200, body: { results: [{ statement_id: 0 }] } };
  }

  const fake: FakeInfluxDb = {
    url: '',
    writes: [],
    statements: [],
    stored: [],
    violations: [],
    databases: undefined,
    creationError: undefined,
    next: [],
    always: undefined,
    maxBytes: Number.POSITIVE_INFINITY,
    refuse: undefined,
    get abandoned() {
      return abandoned;
    },
    get connections() {
      return connections;
    },
    get openConnections() {
      return sockets.size;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const scheme = settings.tls === undefined ? 'http' : 'https';
  return Object.defineProperty(fake, 'url', {
    value: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
}

function decoded(bytes: Buffer, encoding: string | undefined): string {
  try {
    return (encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString();
  } catch (error) {
    return `not gzip: ${String(error)}`;
  }
}

function violationsOf(write: ReceivedWrite, method: string | undefined, { version }: FakeSettings): readonly string[] {
  const { path, query, headers, body, bytes } = write;
  const parameters = version === 1 ? ['db', 'rp', 'precision'] : ['org', 'bucket', 'precision'];
  const broken: string[] = [];
  const check = (holds: boolean, rule: string) => {
    if (!holds) broken.push(rule);
  };
  check(method === 'POST', `method ${method ?? ''}`);
  check(path === (version === 1 ? '/write' : '/api/v2/write'), `path ${path}`);
  check(query['precision'] === 'ns', `precision ${query['precision'] ?? 'missing'}`);
  check((query[version === 1 ? 'db' : 'bucket'] ?? '') !== '', 'no destination');
  check(
    Object.keys(query).every((key) => parameters.includes(key)),
    `parameters ${Object.keys(query).join()}`,
  );
  check(
    headers['content-type'] === 'text/plain; charset=utf-8',
    `content-type ${headers['content-type'] ?? 'missing'}`,
  );
  check(['gzip', undefined].includes(headers['content-encoding']), `content-encoding`);
  check(headers['content-length'] === String(bytes.length), 'content-length');
  check(headers['user-agent'] === 'healthd', 'user-agent');
  check(body === '' || body.endsWith('\n'), 'the last line has no newline');
  broken.push(...parseLines(body).errors.map(({ message }) => `line protocol: ${message}`));
  return broken;
}

function unauthorized({ version }: FakeSettings): CannedAnswer {
  return version === 1
    ? { status: 401, body: { error: 'authorization failed' } }
    : { status: 401, body: { code: 'unauthorized', message: 'unauthorized access' } };
}

function send(response: ServerResponse, { status, body, headers, delay = 0 }: CannedAnswer): void {
  const json = typeof body === 'object';
  const type = json ? { 'content-type': 'application/json' } : {};
  setTimeout(() => {
    response.writeHead(status, { ...type, ...headers });
    response.end(json ? JSON.stringify(body) : body);
  }, delay);
}

function perform(how: Misbehaviour, request: IncomingMessage, response: ServerResponse): void {
  if (how === 'hang') return;
  if (how === 'close') {
    request.socket.destroy();
    return;
  }
  if (how === 'garbage') {
    request.socket.end('what is this?\r\n\r\n');
    return;
  }
  if (how === 'close-mid-body') {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('the beginning', () => {
      setTimeout(() => request.socket.destroy(), 10);
    });
    return;
  }
  send(response, how);
}
