/** Creates the database of InfluxDB 1 when a write reports that it is missing, so that a new server needs no setup. */
import { RetryableError } from '../../plugin/index.ts';

import { messageOf } from './message.ts';
import type { Redact } from './redact.ts';
import type { Server } from './server.ts';
import type { Target } from './target.ts';
import type { Answer, Connection } from './transport.ts';

export function isUnknownDatabase({ status, body }: Answer): boolean {
  return status === 404 && /database not found/i.test(body);
}

/** @throws RetryableError if the server refuses; the connection's error if it does not respond */
export async function createDatabase(
  connection: Connection,
  { server, target, redact }: { readonly server: Server; readonly target: Target; readonly redact: Redact },
  statement: string,
  signal: AbortSignal,
): Promise<void> {
  const body = new URLSearchParams({ q: statement }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await connection.post({ path: '/query', body, headers }, signal);
  const { text } = messageOf(answer);
  if (answer.status < 300 && text === '') return;
  if (answer.status >= 500) {
    throw new RetryableError(
      `${server.url} has no ${target.name}, and creating it failed (${answer.status}): ${redact(text)}`,
    );
  }
  throw new RetryableError(
    `${server.url} has no ${target.name}, and healthd is not allowed to create it (${answer.status}): ${redact(text)}; ` +
      `create it, or use the ${target.credentials} of an administrator`,
  );
}
