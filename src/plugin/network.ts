/** What the host offers plugins that speak to the network. Implemented in `host/`. */

/** A server that speaks HTTP, and the way to it. */
export interface HttpTarget {
  readonly url: string;
  /** From `PluginContext.readTls`; pass the same object each time, since connections are pooled by it. Default: the system's. */
  readonly tls?: TlsMaterial | undefined;
  /** From an option of the schema `proxy()`. Default: HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the agent. */
  readonly proxy?: string | undefined;
}

/** One HTTP request. Redirects are not followed. */
export interface HttpRequest extends HttpTarget {
  /** Default POST. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Maximum number of bytes of the answer's body that are read. Default 64 KiB. */
  readonly maxAnswerBytes?: number;
  /** `latin1` keeps the bytes of a binary answer, one in each character. Default: `utf8`. */
  readonly answerCharset?: 'utf8' | 'latin1';
}

/** Options for `tls.connect` and the like. */
export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** For SNI and the check of the certificate. Default: the host. */
  readonly servername?: string;
  readonly rejectUnauthorized: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /**
   * In `answerCharset`, decompressed if it was gzip. Of a body longer than `maxAnswerBytes`, at most the first 64 KiB. Empty if it is
   * compressed and the request did not accept that.
   */
  readonly body: string;
  /** Whether the body was longer. */
  readonly isCut: boolean;
}

/** @throws RetryableError without an answer; the message names the host but never path or query, which may be secret */
export type HttpClient = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** What an HTTP client of a plugin's own needs to reach a server. */
export interface HttpRoute {
  /**
   * The option `agent` of `node:http` and `node:https`: keeps connections open, has the certificates, and tunnels HTTPS
   * through the proxy. The plugin destroys it at stop.
   */
  readonly agent: { destroy(): void };
  /** Set for `http://` through a proxy: the request goes to the proxy, with these headers and the whole URL as its path. */
  readonly forward?: { readonly proxy: string; readonly headers: Readonly<Record<string, string>> };
}

/** @throws Error if the address of the proxy is not usable */
export type RouteHttp = (target: HttpTarget) => HttpRoute;

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
