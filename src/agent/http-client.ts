/** HTTP for plugins that send messages: no redirects, bounded answers, errors without secrets. */
import { errorCode, RetryableError, TargetError, toError } from '../core/errors.ts';
import { networkAdvice } from '../core/network-error.ts';
import type { HttpClient, HttpRequest } from '../plugin.ts';

const MAX_ANSWER_BYTES = 64 * 1024;
const REMEDIES = { start: 'start the service or correct url', trust: 'name it in NODE_EXTRA_CA_CERTS' };

export function createHttpClient(): HttpClient {
  return async (request, signal) => {
    const { url, ready } = prepare(request);
    try {
      const answer = await fetch(ready, { signal });
      return { status: answer.status, headers: new Map(answer.headers), body: await firstBytes(answer) };
    } catch (error) {
      const thrown: unknown = signal.aborted ? signal.reason : error;
      throw new RetryableError(`${url.host}: ${reasonOf(thrown, url)}`, { cause: thrown });
    }
  };
}

/**
 * What is wrong with the request itself is found before anything is sent. Messages of the platform quote the address or a
 * header, so none of them is passed on.
 *
 * @throws TargetError
 */
function prepare({ url, method = 'POST', headers = {}, body }: HttpRequest): { url: URL; ready: Request } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new TargetError('The address is not a URL that begins with http:// or https://; correct url');
  }
  const { address, authorization } = withoutCredentials(parsed);
  try {
    const all = new Headers(headers);
    if (authorization !== undefined && !all.has('authorization')) all.set('authorization', authorization);
    // Node's types miss that `null` is no body.
    const ready = new Request(address, { method, headers: all, body: body ?? null, redirect: 'manual' });
    return { url: parsed, ready };
  } catch {
    throw new TargetError(`${parsed.host}: the request cannot be made; check method and headers`);
  }
}

/** Credentials in an address become a header: as part of the address they are refused. */
function withoutCredentials(url: URL): { address: URL; authorization: string | undefined } {
  if (url.username === '' && url.password === '') return { address: url, authorization: undefined };
  const address = new URL(url);
  address.username = '';
  address.password = '';
  const pair = [url.username, url.password].map(decoded).join(':');
  return { address, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What the platform calls `fetch failed` has its reason as the cause. */
function reasonOf(thrown: unknown, url: URL): string {
  const error = toError(thrown);
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return error.message;
  const cause = error.cause ?? error;
  return (
    networkAdvice(cause, REMEDIES) ?? withoutAddress(toError(cause).message || (errorCode(cause) ?? 'failed'), url)
  );
}

/** Texts that nobody here has seen before are not trusted to keep the address to themselves. */
function withoutAddress(text: string, { pathname, search, username, password }: URL): string {
  const secrets = [pathname === '/' ? '' : pathname, search, username, password];
  return secrets.some((secret) => secret !== '' && text.includes(secret)) ? 'the request failed' : text;
}

async function firstBytes(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
}
