/** Errors of SSH and SFTP as messages with advice. */
import { describeError, errorCode, networkReason, RetryableError } from '../../plugin/index.ts';

import type { Options } from './options.ts';

const REMEDIES = { start: 'start the SSH server, or correct host and port', trust: '' };

/** Status codes of SFTP (draft-ietf-secsh-filexfer-02, section 7). */
const STATUS: Readonly<Record<number, string>> = {
  2: 'no such file or folder',
  3: 'permission denied; grant this user write access',
  4: 'the server only reports "Failure"; its disk may be full or read-only',
};

export function loginFailure(error: unknown, options: Options): RetryableError {
  if (error instanceof RetryableError) return error;
  const { host, port } = options;
  return new RetryableError(`Cannot connect to ${host}:${port} by SFTP: ${reasonOf(error, options)}`);
}

function reasonOf(error: unknown, { username, private_key, password, connect_timeout }: Options): string {
  const level = (error as { readonly level?: unknown } | null)?.level;
  const text = describeError(error);
  if (/\bprivateKey\b/.test(text))
    return /passphrase/i.test(text)
      ? `the private key ${private_key ?? ''} is encrypted; set or correct passphrase`
      : `the file ${private_key ?? ''} is not a usable private key; check private_key`;
  if (level === 'client-authentication') {
    const options = [private_key && 'private_key', password && 'password'].filter(Boolean).join(' and ');
    return `the server rejected the login of ${username}; check username and ${options}, and what the server allows`;
  }
  if (level === 'client-timeout') return `the login did not complete within ${connect_timeout} ms`;
  if (errorCode(error) === 'ENOTFOUND') return 'the host name cannot be resolved; correct host (ENOTFOUND)';
  return networkReason(error, REMEDIES);
}

/**
 * @param what `write`, `rename`, …
 * @param error thrown by the client or its streams, or the reason why the connection ended
 */
export function remoteFailure(what: string, path: string, error: unknown): RetryableError {
  const code = (error as { readonly code?: unknown } | null)?.code;
  const reason = typeof code === 'number' ? STATUS[code] : undefined;
  return new RetryableError(`Could not ${what} ${path} on the server: ${reason ?? describeError(error)}`);
}
