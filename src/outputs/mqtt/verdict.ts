/** Maps reason codes and errors to errors for the host, with advice. */
import { describeError, networkReason, PermanentError, RetryableError } from '../../plugin/index.ts';

const REMEDIES = { start: 'start the broker or correct servers', trust: 'name it in tls.ca' };
const CREDENTIALS = 'rejected the credentials; check username and password';

/** CONNACK and DISCONNECT: reason codes of MQTT 5 (2.4) and return codes of 3.1.1 (3.2.2.3). */
const CONNECT_ADVICE: Readonly<Record<number, string>> = {
  1: 'does not support this version of MQTT; change protocol',
  2: 'rejected the client_id; change it',
  3: 'is unavailable',
  4: CREDENTIALS,
  5: CREDENTIALS,
  132: 'does not support this version of MQTT; change protocol',
  133: 'rejected the client_id; change it',
  134: CREDENTIALS,
  135: CREDENTIALS,
  136: 'is unavailable',
  137: 'is busy',
  138: 'has banned this client',
  139: 'is shutting down',
  142: 'handed the session to another client; client_id must be unique',
  149: 'does not accept a message of this size',
  151: 'reports an exceeded quota',
};

/** Reason codes that a retry of the message would not change. */
const REFUSED: Readonly<Record<number, string>> = {
  144: 'rejected the topic',
  149: 'does not accept a message of this size for topic',
  153: 'rejected the payload for topic',
};

const PUBLISH_ADVICE: Readonly<Record<number, string>> = {
  135: 'this user is not allowed to publish there; grant the permission or correct topic',
  145: 'the packet identifier is still in use',
  151: 'quota exceeded',
};

/** What the parser of the package says of bytes that are no packet: each time something else. */
const NOT_MQTT = /^(?:invalid|cannot parse|malformed|packet|unknown|empty|wrong|unexpected)\b/i;

export function connectVerdict(thrown: unknown, server: string): Error {
  const code = reasonOf(thrown);
  const advice = code === undefined ? undefined : CONNECT_ADVICE[code];
  if (advice !== undefined) return new RetryableError(`${server} ${advice} (${code})`);
  if (code !== undefined) return new RetryableError(`${server} closed the connection (${code})`);
  if (NOT_MQTT.test(describeError(thrown)))
    return new RetryableError(`${server} answers with something that is not MQTT; correct servers`);
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
  const advice = PUBLISH_ADVICE[code] ?? 'the message was not accepted';
  return new RetryableError(`${server}, topic "${topic}": ${advice} (${code})`);
}

export function closed(server: string): Error {
  return new RetryableError(`${server}: the connection was closed`);
}

function reasonOf(thrown: unknown): number | undefined {
  const { code } = (thrown ?? {}) as { readonly code?: unknown };
  return typeof code === 'number' ? code : undefined;
}
