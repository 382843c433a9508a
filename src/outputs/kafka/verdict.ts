/** Maps errors of kafkajs to errors for the host, with advice. */
import { networkReason, PermanentError, RetryableError, TooLargeError } from '../../plugin/index.ts';

export interface VerdictContext {
  readonly broker: string;
  readonly topics: readonly string[];
}

/** Properties of kafkajs errors. */
interface KafkaError {
  readonly name?: unknown;
  /** Name of a protocol error code. */
  readonly type?: unknown;
  readonly cause?: unknown;
}

const REMEDIES = { start: 'start Kafka or correct brokers', trust: 'name it in tls.ca' };

/** Error codes about the messages themselves: https://kafka.apache.org/protocol.html#protocol_error_codes */
const REFUSED = new Set(['INVALID_TIMESTAMP', 'CORRUPT_MESSAGE', 'UNSUPPORTED_FOR_MESSAGE_FORMAT']);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

const ADVICE: Readonly<Record<string, (topics: string) => string>> = {
  UNKNOWN_TOPIC_OR_PARTITION: (topics) => `does not have ${topics}; create it or correct topic`,
  LEADER_NOT_AVAILABLE: (topics) => `has no leader yet for ${topics}, which may be new`,
  INVALID_TOPIC_EXCEPTION: (topics) => `rejected the name of ${topics}; correct topic`,
  TOPIC_AUTHORIZATION_FAILED: (topics) => `does not allow sasl.username to write to ${topics}; grant the permission`,
  CLUSTER_AUTHORIZATION_FAILED: () => 'denied access to the cluster; grant sasl.username the permission',
  SASL_AUTHENTICATION_FAILED: () => 'rejected the credentials; check sasl.username and sasl.password',
  UNSUPPORTED_SASL_MECHANISM: () => 'does not support sasl.mechanism; choose another one',
  NOT_ENOUGH_REPLICAS: (topics) => `has too few in-sync replicas for ${topics}`,
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: (topics) => `has too few in-sync replicas for ${topics}`,
};

export function verdict(thrown: unknown, { broker, topics }: VerdictContext): Error {
  const named = `topic ${topics.map((topic) => `"${topic}"`).join(', ')}`;
  const error = rootCause(thrown);
  const type = typeOf(error);
  if (TOO_LARGE.has(type))
    return new TooLargeError(`${broker} does not accept a batch of this size for ${named} (${type})`);
  if (REFUSED.has(type)) return new PermanentError(`${broker} permanently rejected messages (${type})`);
  const advice = ADVICE[type]?.(named);
  const text = advice === undefined ? networkReason(error, REMEDIES) : `${advice} (${type})`;
  return new RetryableError(`${broker}${advice === undefined ? ':' : ''} ${text}`, { cause: thrown });
}

/** kafkajs wraps the original error in errors about its retries. */
function rootCause(thrown: unknown): unknown {
  let error = thrown;
  for (let depth = 0; depth < 5 && typeOf(error) === ''; depth += 1) {
    const { cause } = error as KafkaError;
    if (typeof cause !== 'object' || cause === null) break;
    error = cause;
  }
  return error;
}

function typeOf(error: unknown): string {
  const { name, type } = (error ?? {}) as KafkaError;
  if (name === 'KafkaJSSASLAuthenticationError') return 'SASL_AUTHENTICATION_FAILED';
  return typeof type === 'string' ? type : '';
}
