/** Options and response handling that are common to all outputs over HTTP. */
import { unescape } from 'node:querystring';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import {
  headers,
  headerText,
  isGenericError,
  isWebPage,
  proxy,
  RetryableError,
  redactor,
  retryAfter,
  tls,
  TooLargeError,
  z,
  type HttpAnswer,
  type HttpRequest,
  type PluginContext,
  type TlsMaterial,
} from '../plugin/index.ts';

const compress = promisify(gzip);

export const httpOptions = {
  username: z.string().min(1).optional().describe('User name for the service or for a proxy in front of it'),
  password: z.string().meta({ secret: true }).optional().describe('Password for that user'),
  bearer_token: headerText().meta({ secret: true }).optional().describe('Bearer token for the Authorization header'),
  headers: headers().describe('Additional HTTP headers for every request'),
  proxy: proxy(),
  tls: tls()
    .prefault({})
    .describe('TLS settings; by default, server certificates are verified against the CAs of the system'),
};

/** Base URL of a service; the paths of its API are appended. Messages never quote it, since it may contain a password. */
export function serviceUrl(example: string) {
  return httpUrl().refine((text) => !/[?#]/.test(text), {
    error: `must not have a query ("?") or fragment ("#"); give the base URL, such as ${example}`,
  });
}

export function httpUrl() {
  return z.url({ protocol: /^https?$/, error: 'must be a URL that begins with http:// or https://' });
}

export function contentEncoding(fallback: 'gzip' | 'identity') {
  return z.enum(['gzip', 'identity']).default(fallback).describe('Compression of the request body');
}

export interface Credentials {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly bearer_token?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** For `superRefine`: rejects contradictory credentials. */
export function checkCredentials(options: Credentials, context: z.core.$RefinementCtx): void {
  const { username, password, bearer_token } = options;
  const report = (path: string, message: string) => {
    context.addIssue({ code: 'custom', path: [path], message });
  };
  if (username !== undefined && bearer_token !== undefined) {
    report('bearer_token', 'give bearer_token, or username and password, not both');
  }
  if (username === undefined && password !== undefined) report('username', 'is missing; password requires it');
}

export interface HttpService {
  readonly url: string;
  readonly credentials: Credentials;
  /** From `readTls`. */
  readonly tls: TlsMaterial;
  /** The option `proxy`. */
  readonly proxy: string | undefined;
  /** For messages: the options that hold the credentials. */
  readonly credentialOptions: string;
  /** Message for a 404, e.g. `has no push API; check url`. */
  readonly notFound: string;
}

/** Maximum length of a quoted response. Characters. */
const MAX_QUOTE = 300;

/** Shorter path segments are ordinary words rather than secrets. Characters. */
const MIN_PATH_SECRET = 8;

export class HttpDestination {
  /** Host and port, without credentials: safe to log. */
  readonly where: string;
  readonly #service: HttpService;
  readonly #context: Pick<PluginContext, 'http' | 'clock'>;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #redact: (text: string) => string;

  constructor(service: HttpService, context: Pick<PluginContext, 'http' | 'clock'>) {
    this.#service = service;
    this.#context = context;
    this.where = new URL(service.url).host;
    this.#headers = headersOf(service.credentials);
    this.#redact = redactor(secretsOf(service));
  }

  /**
   * @param path appended to the path of the URL; default: the URL as configured
   * @throws RetryableError if no response arrives
   */
  send({ path, headers, ...request }: SentRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { url, tls: material, proxy: through } = this.#service;
    return this.#context.http(
      {
        ...request,
        url: path === undefined ? url : url.replace(/\/+$/, '') + path,
        headers: { ...headers, ...this.#headers },
        tls: material,
        proxy: through,
      },
      signal,
    );
  }

  /** The error for a status that means the same for every service; undefined for all others. */
  refusal(answer: HttpAnswer): Error | undefined {
    const { status } = answer;
    if (status === 413)
      return new TooLargeError(`${this.where} does not accept a request of this size (413)${this.quote(answer.body)}`);
    const advice = this.#adviceFor(answer);
    return advice === undefined ? undefined : this.retry(answer, advice);
  }

  /**
   * The error for a 400 or 422 that does not come from the service; undefined if it does, so that it refuses the lines. Every
   * service answers with a text of its own.
   */
  foreignRefusal(answer: HttpAnswer): RetryableError | undefined {
    if (!isGenericError(answer)) return undefined;
    return this.retry(answer, `answered ${answer.status} without a reason; check url and any proxy in between`);
  }

  /** An error that makes the host retry the batch; `Retry-After` is honoured. */
  retry(answer: HttpAnswer, advice: string): RetryableError {
    return new RetryableError(`${this.where} ${advice}${this.quote(answer.body)}`, {
      retryAfterMs: retryAfter(answer.headers.get('retry-after'), this.#context.clock.now()),
    });
  }

  /** The response as one line with secrets redacted, since services and proxies echo parts of the request. */
  quote(text: string): string {
    if (isWebPage({ headers: new Map(), body: text })) return '';
    const line = this.#redact(text).replace(/\s+/g, ' ').trim();
    if (line === '') return '';
    return `: ${line.length > MAX_QUOTE ? `${line.slice(0, MAX_QUOTE)}…` : line}`;
  }

  #adviceFor({ status }: HttpAnswer): string | undefined {
    if (status >= 300 && status < 400)
      return `redirects (${status}), which is not followed; set url to the final address`;
    if (status === 401 || status === 407) return this.#unauthorized(status);
    if (status === 403) return 'denied access (403); grant these credentials the permission';
    if (status === 404) return `${this.#service.notFound} (404)`;
    if (status === 429) return 'is rate limiting (429)';
    if (status === 503) return 'is unavailable or overloaded (503)';
    if (status >= 500 || status === 408 || status === 425) return `failed (${status})`;
    return undefined;
  }

  #unauthorized(status: number): string {
    const { credentialOptions } = this.#service;
    const isSent = Object.keys(this.#headers).some((name) => name.toLowerCase() === 'authorization');
    return isSent
      ? `rejected the credentials (${status}); check ${credentialOptions}`
      : `requires credentials (${status}); set ${credentialOptions}`;
  }
}

export type SentRequest = Omit<HttpRequest, 'url' | 'tls' | 'proxy'> & { readonly path?: string };

export interface EncodedBody {
  readonly body: string | Uint8Array;
  /** `content-encoding`, if the body is compressed. */
  readonly headers: Readonly<Record<string, string>>;
}

export async function encodeBody(text: string | Uint8Array, encoding: 'gzip' | 'identity'): Promise<EncodedBody> {
  if (encoding === 'identity') return { body: text, headers: {} };
  return { body: await compress(text), headers: { 'content-encoding': 'gzip' } };
}

function headersOf({ username, password = '', bearer_token, headers }: Credentials): Readonly<Record<string, string>> {
  if (bearer_token !== undefined) return { ...headers, authorization: `Bearer ${bearer_token}` };
  if (username === undefined) return headers;
  return { ...headers, authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

/** Includes the path and query of the URL and their parts, which for some services hold the secret. Longest first. */
function secretsOf({ url, credentials }: HttpService): readonly string[] {
  const { pathname, search, searchParams, username, password } = new URL(url);
  const { password: given = '', bearer_token = '' } = credentials;
  const values = Object.values(headersOf(credentials)).map((value) => value.replace(/^(?:Basic|Bearer|ApiKey) /, ''));
  const parts = [...pathname.split('/'), ...searchParams.values()].filter((part) => part.length >= MIN_PATH_SECRET);
  return [given, bearer_token, ...values, username, password, unescape(password), pathname, search, ...parts];
}
