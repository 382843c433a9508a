/** Services that are written to over HTTP: the options they share, and what is the same in the answers of all of them. */
import { unescape } from 'node:querystring';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import {
  headers,
  headerText,
  RetryableError,
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
  username: z.string().min(1).optional().describe('User, of the service or of a proxy before it'),
  password: z.string().meta({ secret: true }).optional().describe('Password of the user'),
  bearer_token: headerText().meta({ secret: true }).optional().describe('Token for the header Authorization'),
  headers: headers().describe('Further HTTP headers of each request'),
  tls: tls().prefault({}).describe('Certificates; those of servers are verified against the system if not given'),
};

/** The address of a service whose API has paths of its own. Messages never repeat the text: it may hold a password. */
export function serviceUrl(example: string) {
  return httpUrl().refine((text) => !/[?#]/.test(text), {
    error: `must end before the "?" or "#"; write the address of the server, such as ${example}`,
  });
}

export function httpUrl() {
  return z.url({ protocol: /^https?$/, error: 'must be an address that begins with http:// or https://' });
}

export function contentEncoding(fallback: 'gzip' | 'identity') {
  return z.enum(['gzip', 'identity']).default(fallback).describe('Compression of what is sent');
}

export interface Credentials {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly bearer_token?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** For `superRefine`: credentials that contradict each other. */
export function checkCredentials(options: Credentials, context: z.core.$RefinementCtx): void {
  const { username, password, bearer_token } = options;
  const report = (path: string, message: string) => {
    context.addIssue({ code: 'custom', path: [path], message });
  };
  if (username !== undefined && bearer_token !== undefined) {
    report('bearer_token', 'give bearer_token, or username and password, not both');
  }
  if (username === undefined && password !== undefined) report('username', 'is missing; a password goes with it');
}

export interface HttpService {
  readonly url: string;
  readonly credentials: Credentials;
  /** From `readTls`. */
  readonly tls: TlsMaterial;
  /** For people: which options hold, or should hold, the credentials. */
  readonly credentialOptions: string;
  /** What to do when the service does not know the path (404), e.g. `has no push API; check url`. */
  readonly notFound: string;
}

/** Of the service's own words. Characters. */
const MAX_QUOTE = 300;

/** Shorter ones are no secrets, and would blot out parts of ordinary words. */
const MIN_SECRET = 4;

/** The same for a part of a path, which most of the time is an ordinary word. */
const MIN_PATH_SECRET = 8;

export class HttpDestination {
  /** Host and port: safe to show. */
  readonly where: string;
  readonly #service: HttpService;
  readonly #context: Pick<PluginContext, 'http' | 'clock'>;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #secrets: readonly string[];

  constructor(service: HttpService, context: Pick<PluginContext, 'http' | 'clock'>) {
    this.#service = service;
    this.#context = context;
    this.where = new URL(service.url).host;
    this.#headers = headersOf(service.credentials);
    this.#secrets = secretsOf(service);
  }

  /**
   * @param path of the API, after that of the address; default: the address as it is
   * @throws RetryableError if there is no answer
   */
  send({ path, headers, ...request }: SentRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { url, tls: material } = this.#service;
    return this.#context.http(
      {
        ...request,
        url: path === undefined ? url : url.replace(/\/+$/, '') + path,
        headers: { ...headers, ...this.#headers },
        tls: material,
      },
      signal,
    );
  }

  /** The error for an answer that means the same whatever the service is; undefined for any other. */
  refusal(answer: HttpAnswer): Error | undefined {
    const { status } = answer;
    if (status === 413)
      return new TooLargeError(`${this.where} takes no request of this size${this.quote(answer.body)}`);
    const advice = this.#adviceFor(answer);
    return advice === undefined ? undefined : this.retry(answer, advice);
  }

  /** Nothing of the batch is lost, whatever is wrong with the destination: it is sent again. */
  retry(answer: HttpAnswer, advice: string): RetryableError {
    return new RetryableError(`${this.where} ${advice}${this.quote(answer.body)}`, {
      retryAfterMs: retryAfter(answer.headers.get('retry-after'), this.#context.clock.now()),
    });
  }

  /** What the service said, in one line and without secrets: services and proxies repeat what they were sent. */
  quote(text: string): string {
    if (isWebPage(text)) return '';
    const line = this.#secrets
      .reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
      .replace(/\s+/g, ' ')
      .trim();
    if (line === '') return '';
    return `: ${line.length > MAX_QUOTE ? `${line.slice(0, MAX_QUOTE)}…` : line}`;
  }

  #adviceFor({ status }: HttpAnswer): string | undefined {
    if (status >= 300 && status < 400) return `redirects (${status}), which is not followed; set url to where it leads`;
    if (status === 401 || status === 407) return this.#unauthorized(status);
    if (status === 403) return 'does not let these credentials do that (403); grant the permission';
    if (status === 404) return `${this.#service.notFound} (404)`;
    if (status === 429) return 'asks to be sent less (429)';
    if (status === 503) return 'is not available or overloaded (503)';
    if (status >= 500 || status === 408 || status === 425) return `failed (${status})`;
    return undefined;
  }

  #unauthorized(status: number): string {
    const { credentialOptions } = this.#service;
    const wasGiven = Object.keys(this.#headers).some((name) => name.toLowerCase() === 'authorization');
    return wasGiven
      ? `does not accept the credentials (${status}); check ${credentialOptions}`
      : `asks for credentials (${status}); set ${credentialOptions}`;
  }
}

export type SentRequest = Omit<HttpRequest, 'url' | 'tls'> & { readonly path?: string };

/** An answer of something that is not the service at all: a login form, the front page of a web server. */
export function isWebPage(body: string): boolean {
  return /^\s*<(?:!doctype|html)/i.test(body);
}

export interface EncodedBody {
  readonly body: string | Uint8Array;
  /** That say how it is encoded. */
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

/** With path and query of the address, and the parts of them, which for some services are the secret. */
function secretsOf({ url, credentials }: HttpService): readonly string[] {
  const { pathname, search, searchParams, username, password } = new URL(url);
  const { password: given = '', bearer_token = '' } = credentials;
  const values = Object.values(headersOf(credentials)).map((value) => value.replace(/^(?:Basic|Bearer|ApiKey) /, ''));
  const parts = [...pathname.split('/'), ...searchParams.values()].filter((part) => part.length >= MIN_PATH_SECRET);
  return [given, bearer_token, ...values, username, password, unescape(password), pathname, search, ...parts]
    .filter((secret) => secret.length >= MIN_SECRET)
    .sort((a, b) => b.length - a.length);
}
