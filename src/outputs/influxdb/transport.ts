/** HTTP by the transport of @influxdata/influxdb-client, without its batching and retry buffer. */
import type { HttpError, Transport } from '@influxdata/influxdb-client';

import { networkReason, type Clock, type HttpRoute } from '../../plugin/index.ts';

import { BOUNDED } from './bounded-answers.ts';
import type { Server } from './server.ts';

export interface Request {
  /** Path and query. */
  readonly path: string;
  readonly body: Uint8Array | string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A response with any status. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Truncated to about 64 KiB. */
  readonly body: string;
}

export interface Connection {
  /** @throws the network error, or a TimeoutError; never for a status */
  post(request: Request, signal: AbortSignal): Promise<Answer>;
  close(): void;
}

export interface ConnectionSettings {
  readonly route: HttpRoute;
  /** Timeout of a request. Milliseconds. */
  readonly timeout: number;
  readonly clock: Clock;
  /** Receives messages that the client would print to the console. */
  readonly warn: (message: string) => void;
}

const MAX_BODY_BYTES = 65_536;

export async function openConnection(server: Server, settings: ConnectionSettings): Promise<Connection> {
  const { InfluxDB, setLogger } = await import('@influxdata/influxdb-client');
  setLogger({ error: settings.warn, warn: settings.warn });
  const { agent, forward } = settings.route;
  const headers = {
    ...server.headers,
    // The client would name the proxy as the host.
    ...(forward === undefined ? {} : { host: new URL(server.url).host, ...forward.headers }),
  };
  // The client's own timeout leaks the request, so it is disabled; the deadline here aborts the request.
  const { transport } = new InfluxDB({
    url: server.url,
    headers,
    timeout: 0,
    transportOptions: { agent, ...BOUNDED },
    ...(forward === undefined ? {} : { proxyUrl: forward.proxy }),
  });
  return {
    post: (request, signal) =>
      withDeadline(settings, signal, (deadline) => send(transport, request, deadline).catch(namingProxy(forward))),
    close: () => {
      agent.destroy();
    },
  };
}

/** Without a response, the connection to the proxy failed, or the proxy's to the server; Node's error does not say which. */
function namingProxy(forward: HttpRoute['forward']): (error: unknown) => never {
  return (error) => {
    if (forward === undefined) throw error;
    const remedies = {
      start: 'start the proxy or correct its address',
      trust: 'name its authority in NODE_EXTRA_CA_CERTS',
    };
    throw new Error(`the proxy ${new URL(forward.proxy).host}: ${networkReason(error, remedies)}`, { cause: error });
  };
}

/** When the deadline passes or the signal aborts, the request and its connection are destroyed. */
async function withDeadline(
  { clock, timeout }: ConnectionSettings,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  signal.throwIfAborted();
  const request = new AbortController();
  const timer = new AbortController();
  const onAbort = () => {
    request.abort(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const expiry = expire(clock, timeout, timer.signal, request);
  try {
    return await work(request.signal);
  } catch (error) {
    throw request.signal.aborted ? request.signal.reason : error;
  } finally {
    timer.abort();
    signal.removeEventListener('abort', onAbort);
    await expiry;
  }
}

async function expire(clock: Clock, ms: number, cancelled: AbortSignal, request: AbortController): Promise<void> {
  try {
    await clock.sleep(ms, cancelled);
  } catch (error) {
    if (cancelled.aborted) return;
    throw error;
  }
  request.abort(new DOMException(`no response within ${ms / 1000} s`, 'TimeoutError'));
}

function send(transport: Transport, request: Request, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // While a tunnel through a proxy is opened, the client reports an abort only when it has a connection.
    signal.addEventListener(
      'abort',
      () => {
        reject(signal.reason as Error);
      },
      { once: true },
    );
    let status = 0;
    let headers: Answer['headers'] = {};
    const chunks: Uint8Array[] = [];
    let size = 0;
    const options = { method: 'POST', headers: { ...request.headers }, signal };
    // The declared type is string, but the client passes the body to Buffer.from, which accepts bytes.
    transport.send(request.path, request.body as string, options, {
      responseStarted(received, statusCode = 0) {
        headers = received;
        status = statusCode;
      },
      next(chunk) {
        if (size < MAX_BODY_BYTES) chunks.push(chunk);
        size += chunk.length;
      },
      complete() {
        resolve({ status, headers, body: Buffer.concat(chunks).toString() });
      },
      error(error) {
        if (isHttpError(error)) resolve({ status: error.statusCode, headers, body: error.body ?? '' });
        else reject(error);
      },
    });
  });
}

function isHttpError(error: Error): error is HttpError {
  return error.name === 'HttpError' && 'statusCode' in error;
}
