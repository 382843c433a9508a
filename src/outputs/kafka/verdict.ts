/** What kafkajs's errors mean for the lines, and what to do about them. */
import { networkReason, PermanentError, RetryableError, TooLargeError } from '../../plugin/index.ts';

export interface VerdictContext {
  readonly broker: string;
  readonly topics: readonly string[];
}

/** What kafkajs puts on its errors. */
interface KafkaError {
  readonly name?: unknown;
  /** Name of an error code of the protocol. */
  readonly type?: unknown;
  readonly cause?: unknown;
}

const REMEDIES = { start: 'start Kafka or correct brokers', trust: 'name it in tls.ca' };

/** Error codes for what is wrong with the messages: https://kafka.apache.org/protocol.html#protocol_error_codes */
const REFUSED = new Set(['INVALID_TIMESTAMP', 'CORRUPT_MESSAGE', 'UNSUPPORTED_FOR_MESSAGE_FORMAT']);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

const ADVICE: Readonly<Record<string, (topics: string) => string>> = {
  UNKNOWN_TOPIC_OR_PARTITION: (topics) => `has no ${topics}; create it or correct topic`,
  LEADER_NOT_AVAILABLE: (topics) => `has no leader yet for ${topics}, which may just have been created`,
  INVALID_TOPIC_EXCEPTION: (topics) => `does not accept ${topics} as a name; correct topic`,
  TOPIC_AUTHORIZATION_FAILED: (topics) => `does not let sasl.username write to ${topics}; grant the permission`,
  CLUSTER_AUTHORIZATION_FAILED: () => 'does not let sasl.username in; grant the permission',
  SASL_AUTHENTICATION_FAILED: () => 'does not accept the credentials; check sasl.username and sasl.password',
  UNSUPPORTED_SASL_MECHANISM: () => 'does not accept sasl.mechanism; choose one that it has',
  NOT_ENOUGH_REPLICAS: (topics) => `has too few replicas in sync for ${topics}`,
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: (topics) => `has too few replicas in sync for ${topics}`,
};

export function verdict(thrown: unknown, { broker, topics }: VerdictContext): Error {
  const named = `topic ${topics.map((topic) => `"${topic}"`).join(', ')}`;
  const error = origin(thrown);
  const type = typeOf(error);
  if (TOO_LARGE.has(type)) return new TooLargeError(`${broker} takes no batch of this size for ${named} (${type})`);
  if (REFUSED.has(type)) return new PermanentError(`${broker} refused messages for good (${type})`);
  const advice = ADVICE[type]?.(named);
  const text = advice === undefined ? networkReason(error, REMEDIES) : `${advice} (${type})`;
  return new RetryableError(`${broker}${advice === undefined ? ':' : ''} ${text}`, { cause: thrown });
}

/** kafkajs wraps what went wrong in errors about its retries. */
function origin(thrown: unknown): unknown {
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
