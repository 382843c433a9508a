import { createHash, timingSafeEqual } from 'node:crypto';

export interface Credentials {
  /** The `WWW-Authenticate` header of a 401. */
  readonly challenge: string;
  /** Constant-time comparison. */
  accepts(authorization: string | undefined): boolean;
}

interface CredentialOptions {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly bearer_token?: string | undefined;
}

/** @returns undefined if no credentials are configured */
export function credentialsOf({ username, password = '', bearer_token }: CredentialOptions): Credentials | undefined {
  if (bearer_token !== undefined) return schemeOf('Bearer', bearer_token);
  if (username === undefined) return undefined;
  return schemeOf('Basic', Buffer.from(`${username}:${password}`).toString('base64'));
}

function schemeOf(scheme: string, secret: string): Credentials {
  const expected = digest(secret);
  const form = new RegExp(`^${scheme} +`, 'i');
  return {
    challenge: `${scheme} realm="healthd"`,
    accepts: (authorization = '') =>
      form.test(authorization) && timingSafeEqual(digest(authorization.replace(form, '').trim()), expected),
  };
}

/** Gives `timingSafeEqual` inputs of equal length. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
