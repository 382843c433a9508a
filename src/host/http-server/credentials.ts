/** Whether a request has the credentials that a listener wants. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import type { ListenCredentials } from '../../plugin/index.ts';

/** The `WWW-Authenticate` header of a 401. */
export function challengeOf({ token }: ListenCredentials): string {
  return `${token === undefined ? 'Basic' : 'Bearer'} realm="healthd"`;
}

/** Compares in constant time. Without credentials every request is authorized. */
export function isAuthorized(
  { headers }: Pick<IncomingMessage, 'headers'>,
  query: URLSearchParams,
  wanted: ListenCredentials,
): boolean {
  const { username, password, token } = wanted;
  if (username === undefined && token === undefined) return true;
  const given = givenBy(headers.authorization, query, wanted);
  const isToken = token !== undefined && isSame(given.token ?? given.password ?? '', token);
  const isUser =
    username !== undefined && isSame(given.username ?? '', username) && isSame(given.password ?? '', password ?? '');
  return isToken || isUser;
}

interface Given {
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
}

/** RFC 7617 and 6750; `Token` is InfluxDB's own scheme. */
function givenBy(header = '', query: URLSearchParams, { parameters }: ListenCredentials): Given {
  const [, scheme = '', rest = ''] = /^(\w+) +(\S.*)$/.exec(header.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return { token: rest };
    case 'token':
      // InfluxDB 1.8 lets its clients send `Token user:password`.
      return { token: rest, ...pairOf(rest) };
    case 'basic':
      return pairOf(Buffer.from(rest, 'base64').toString());
    default: {
      const username = parameters && query.get(parameters.username);
      const password = parameters && query.get(parameters.password);
      return { ...(username && { username }), ...(password && { password }) };
    }
  }
}

function pairOf(text: string): Given {
  const colon = text.indexOf(':');
  return colon < 0 ? {} : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Digests give `timingSafeEqual` inputs of equal length. */
function isSame(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
