/** What the host offers plugins that speak to the network. Implemented in `host/`. */

/** One HTTP request. Redirects are not followed. */
export interface HttpRequest {
  readonly url: string;
  /** Default POST. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** From `PluginContext.readTls`; pass the same object each time, since connections are pooled by it. Default: the system's. */
  readonly tls?: TlsMaterial;
  /** Maximum number of bytes of the answer's body that are read. Default 64 KiB. */
  readonly maxAnswerBytes?: number;
}

/** Options for `tls.connect` and the like. */
export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly rejectUnauthorized: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** UTF-8, decompressed if it was gzip; at most the first `maxAnswerBytes`. */
  readonly body: string;
  /** Whether the body was longer. */
  readonly isCut: boolean;
}

/** @throws RetryableError without an answer; the message names the host but never path or query, which may be secret */
export type HttpClient = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** A server that takes a stream of bytes and never answers. */
export interface StreamTarget {
  readonly host: string;
  readonly port: number;
  /** From `PluginContext.readTls`. Default: no TLS. */
  readonly tls?: TlsMaterial;
}

/**
 * Opens a connection, sends all bytes, half-closes it, and waits until the server closes it too: the only sign that the
 * server has read everything. Without bytes it only tests the connection.
 *
 * @throws RetryableError if any step fails
 */
export type SendStream = (to: StreamTarget, bytes: Uint8Array, signal: AbortSignal) => Promise<void>;

/**
 * Sends UDP datagrams. UDP has no acknowledgement: what the network or the server drops is lost.
 *
 * @throws RetryableError if the system cannot send them or reports that no process listens
 */
export type SendDatagrams = (
  to: Pick<StreamTarget, 'host' | 'port'>,
  datagrams: Iterable<Uint8Array>,
  signal: AbortSignal,
) => Promise<void>;
