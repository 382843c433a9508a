import type { Options } from './options.ts';

export interface Credentials {
  /** The header, or none. */
  readonly authorization: Readonly<Record<string, string>>;
  /** Servers and proxies repeat what they were sent; what they say goes through this before anybody sees it. */
  readonly redact: (text: string) => string;
}

/** Shorter ones are no secrets, and would blot out parts of ordinary words. */
const SHORTEST = 4;

export function credentialsOf({ url, username, password, bearer_token, headers }: Options): Credentials {
  const basic = username === undefined ? undefined : Buffer.from(`${username}:${password ?? ''}`).toString('base64');
  const scheme = basic === undefined ? `Bearer ${bearer_token ?? ''}` : `Basic ${basic}`;
  const secrets = [password, basic, bearer_token, ...Object.values(headers), new URL(url).password]
    .filter((secret): secret is string => secret !== undefined && secret.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return {
    authorization: basic === undefined && bearer_token === undefined ? {} : { authorization: scheme },
    redact: (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text),
  };
}
