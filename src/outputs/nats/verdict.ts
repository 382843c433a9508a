/** Maps errors of the NATS packages to errors for the host, with advice. */
import { describeError, networkReason, PermanentError, RetryableError } from '../../plugin/index.ts';

export interface VerdictContext {
  readonly server: string;
  readonly stream?: string | undefined;
  readonly subject?: string;
}

/** Error fields that are used here; errors are not matched by class, since the packages are loaded lazily. */
interface NatsError {
  readonly name?: unknown;
  /** Error code of the JetStream API: https://github.com/nats-io/nats-server/blob/main/server/errors.json */
  readonly code?: unknown;
  readonly cause?: unknown;
}

const REMEDIES = { start: 'start the server or correct servers', trust: 'name it in tls.ca' };
const MESSAGE_TOO_LARGE = 10054;

/** Error codes of the JetStream API. */
const API_ADVICE: Readonly<Record<number, string>> = {
  10023: 'does not have enough resources for the stream',
  10039: 'does not allow this account to use JetStream',
  10047: 'has no storage left for the stream',
  10059: 'does not have the stream; create it or set create_stream',
  10060: 'has this subject in another stream; correct stream or subject',
  10065: 'has these subjects in another stream already; correct subject',
  10076: 'runs without JetStream; start it with -js, or set jetstream: false',
};

export function verdict(thrown: unknown, about: VerdictContext): Error {
  if (thrown instanceof RetryableError) return thrown;
  const { server, stream, subject } = about;
  const on = [stream === undefined ? '' : `, stream ${stream}`, subject === undefined ? '' : `, subject "${subject}"`];
  const where = `${server}${on.join('')}`;
  if (apiCode(thrown) === MESSAGE_TOO_LARGE)
    return new PermanentError(`${where}: ${describeError(thrown)}`, { cause: thrown });
  return new RetryableError(`${where}: ${reason(thrown)}`, { cause: thrown });
}

export function closed(server: string): Error {
  return new RetryableError(`${server}: the connection was closed`);
}

/** @returns undefined for errors that are not from the JetStream API */
export function apiCode(thrown: unknown): number | undefined {
  const { code } = (thrown ?? {}) as NatsError;
  return typeof code === 'number' ? code : undefined;
}

function reason(thrown: unknown): string {
  const { name, cause } = (thrown ?? {}) as NatsError;
  const advice = API_ADVICE[apiCode(thrown) ?? 0];
  if (advice !== undefined) return `it ${advice}: ${describeError(thrown)}`;
  switch (name) {
    case 'AuthorizationError':
    case 'UserAuthenticationExpiredError':
      return 'rejected the credentials; check username and password, token or credentials_file';
    case 'PermissionViolationError':
      return `permission denied for this user: ${describeError(thrown)}`;
    case 'JetStreamNotEnabled':
      return 'no responders: no stream has the subject, or JetStream is disabled; create a stream, or set create_stream';
    case 'TimeoutError':
      return 'no response before the timeout';
    default:
      return networkReason(cause ?? thrown, REMEDIES);
  }
}
