/** One configured server: its request headers and its name in messages. */
import type { Options } from './options.ts';

export interface Server {
  /** Without credentials and trailing slash: safe to log. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const DEFAULT_URL = 'http://localhost:8086';

export function serversOf(options: Options): readonly Server[] {
  const urls = options.urls ?? [options.url ?? DEFAULT_URL];
  return urls.map((text) => {
    const url = new URL(text);
    const authorization = authorizationOf(options, url);
    return {
      url: `${url.origin}${url.pathname}`.replace(/\/+$/, ''),
      headers: {
        'User-Agent': 'healthd',
        ...options.headers,
        ...(authorization === undefined ? {} : { authorization }),
      },
    };
  });
}

function authorizationOf({ token, username, password = '' }: Options, url: URL): string | undefined {
  if (token !== undefined) return `Token ${token}`;
  if (username !== undefined) return basic(username, password);
  if (url.username !== '') return basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
  return undefined;
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
