/** What the host offers plugins that are servers. Implemented in `host/http-server/`. */
import type { ListenAddress } from '../core/listen-address.ts';

import type { TlsMaterial } from './network.ts';

export type { ListenAddress } from '../core/listen-address.ts';

/**
 * An HTTP server. The host bounds connections, headers, bodies and times, checks credentials, and refuses requests by which a
 * foreign page in a browser would reach a server on a loopback address.
 */
export interface ListenOptions {
  /** From an option of the schema `listen()`. */
  readonly address: ListenAddress;
  /** From `PluginContext.readTls`. With `ca`, clients need a certificate. Default: no TLS. */
  readonly tls?: TlsMaterial | undefined;
  /** What requests must have. Default: nothing. */
  readonly credentials?: ListenCredentials | undefined;
  /** Paths that need no credentials. Default: none. */
  readonly openPaths?: readonly string[];
  /** Open connections; beyond them the oldest idle ones are closed. Default: 128. */
  readonly maxConnections?: number;
  /** Maximum bytes of a body, both as it comes and inflated. Default: 0. */
  readonly maxBodyBytes?: number;
  /** Answers a request. What it throws is logged and answered with 500. The signal aborts when the client has gone. */
  readonly answer: (request: ReceivedRequest, signal: AbortSignal) => Promise<HttpReply>;
  /** Puts a refusal of the host into the form of the protocol. Default: the text as it is. */
  readonly refuse?: (refusal: ListenRefusal) => HttpReply;
}

export interface ListenCredentials {
  /** With `password`: basic authentication. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** After `Bearer` or `Token`, or as the password of any user. */
  readonly token?: string | undefined;
  /** Query parameters that may have user name and password, as InfluxDB 1 has `u` and `p`. Default: none. */
  readonly parameters?: { readonly username: string; readonly password: string };
}

export interface ReceivedRequest {
  readonly method: string;
  /** As it came, without the query; begins with `/`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Of a header; the first one of several. */
  header(name: string): string | undefined;
  /**
   * The body, inflated if its `Content-Encoding` is gzip or deflate. Bodies with another encoding come as they are, if it is
   * named.
   *
   * @param encodings that the plugin decodes, such as `snappy`
   * @throws what `answer` should pass on: the host answers 400, 413, 415, 503, or nothing if the client has gone
   */
  body(...encodings: readonly string[]): Promise<Buffer>;
}

export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface ListenRefusal {
  readonly status: number;
  /** A sentence without a full stop, and what to do. */
  readonly text: string;
  /** Of the request. */
  readonly path: string;
  /** Of the request. */
  readonly contentType: string | undefined;
}

export interface HttpListener {
  /** The one that was bound. */
  readonly port: number;
  /** Ends open connections. */
  close(): Promise<void>;
}

/** @throws Error that says why the address cannot be bound, and what to do */
export type ListenHttp = (options: ListenOptions) => Promise<HttpListener>;
