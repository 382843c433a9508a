/** What reason codes and errors mean for the messages, and what to do about them. */
import { networkReason, PermanentError, RetryableError } from '../../plugin/index.ts';

const REMEDIES = { start: 'start the broker or correct servers', trust: 'name it in tls.ca' };
const CREDENTIALS = 'does not accept the credentials; check username and password';

/** Reason codes of MQTT 5 (2.4) and return codes of 3.1.1 (3.2.2.3), in answer to the attempt to connect. */
const CONNECT_ADVICE: Readonly<Record<number, string>> = {
  1: 'does not speak this version of MQTT; change protocol',
  2: 'does not accept the client_id; change it',
  3: 'is not available',
  4: CREDENTIALS,
  5: CREDENTIALS,
  132: 'does not speak this version of MQTT; change protocol',
  133: 'does not accept the client_id; change it',
  134: CREDENTIALS,
  135: CREDENTIALS,
  136: 'is not available',
  137: 'is busy',
  138: 'has banned this client',
  139: 'is shutting down',
  142: 'gave the connection to another client; client_id must be different for each',
  149: 'takes no message of this size',
  151: 'takes no more for now: a quota is used up',
};

/** Reason codes that will be the same for this message whenever it is sent. */
const REFUSED: Readonly<Record<number, string>> = {
  144: 'does not accept the topic',
  149: 'takes no message of this size',
  153: 'does not accept the payload',
};

const PUBLISH_ADVICE: Readonly<Record<number, string>> = {
  135: 'does not let this user publish there; grant the permission or correct topic',
  145: 'is still busy with a message of the same number',
  151: 'takes no more for now: a quota is used up',
};

export function connectVerdict(thrown: unknown, server: string): Error {
  const code = reasonOf(thrown);
  const advice = code === undefined ? undefined : CONNECT_ADVICE[code];
  if (advice !== undefined) return new RetryableError(`${server} ${advice} (${code})`);
  if (code !== undefined) return new RetryableError(`${server} ended the connection (${code})`);
  return new RetryableError(`${server}: ${networkReason(thrown, REMEDIES)}`, { cause: thrown });
}

export function publishVerdict(
  thrown: unknown,
  { server, topic }: { readonly server: string; readonly topic: string },
): Error {
  const code = reasonOf(thrown);
  if (code === undefined) return connectVerdict(thrown, server);
  const refused = REFUSED[code];
  if (refused !== undefined) return new PermanentError(`${server} ${refused} "${topic}" (${code})`);
  const advice = PUBLISH_ADVICE[code] ?? 'did not take a message';
  return new RetryableError(`${server}, topic "${topic}": ${advice} (${code})`);
}

export function closed(server: string): Error {
  return new RetryableError(`${server}: the connection was closed`);
}

function reasonOf(thrown: unknown): number | undefined {
  const { code } = (thrown ?? {}) as { readonly code?: unknown };
  return typeof code === 'number' ? code : undefined;
}
