/** Puts failures of brokers into words, with advice. */
import { networkReason } from '../../plugin/index.ts';

import { ProtocolError } from './protocol/errors.ts';

const REMEDIES = { start: 'start Kafka or correct brokers', trust: 'name it in tls.ca' };

const ADVICE: Readonly<Record<string, (topic: string) => string>> = {
  UNKNOWN_TOPIC_OR_PARTITION: (topic) => `does not have ${topic}; create it or correct topic`,
  LEADER_NOT_AVAILABLE: (place) =>
    place.startsWith('partition')
      ? `has no leader for ${place}; bring its broker back`
      : `has no leader yet for ${place}, which may be new`,
  NOT_LEADER_OR_FOLLOWER: (topic) => `has just moved the leader of ${topic} to another broker`,
  INVALID_TOPIC_EXCEPTION: (topic) => `rejected the name of ${topic}; correct topic`,
  TOPIC_AUTHORIZATION_FAILED: (topic) => `does not allow sasl.username to write to ${topic}; grant the permission`,
  CLUSTER_AUTHORIZATION_FAILED: () => 'denied access to the cluster; grant sasl.username the permission',
  NOT_ENOUGH_REPLICAS: (topic) => `has too few in-sync replicas for ${topic}`,
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: (topic) => `has too few in-sync replicas for ${topic}`,
  SASL_AUTHENTICATION_FAILED: () => 'rejected the credentials; check sasl.username and sasl.password',
  ILLEGAL_SASL_STATE: () => 'does not expect a login on this port; remove sasl, or correct the port',
};

/** Lines that cannot be sent now. */
export interface Waiting {
  readonly topic: string;
  /** Undefined: all of the topic. */
  readonly partition: number | undefined;
  /** host:port of the leader. */
  readonly address: string;
  readonly failure: unknown;
}

/** A failure of the connection to a broker, or of its login. */
export function refusalText(broker: string, failure: unknown): string {
  if (failure instanceof ProtocolError) return `${broker} ${protocolText(failure, 'the topic')}`;
  const reason = networkReason(failure, REMEDIES);
  // Our own texts begin with a verb.
  return /^(?:closed|answers|does) /.test(reason) ? `${broker} ${reason}` : `${broker}: ${reason}`;
}

/** One text for everything that waits; each reason once. */
export function failureText(bootstrap: string, waiting: readonly Waiting[]): string {
  const places = new Map<string, { readonly topic: string; readonly partitions: number[]; readonly first: Waiting }>();
  for (const each of waiting) {
    const { topic, partition, failure } = each;
    const id = `${topic} ${failure instanceof ProtocolError ? failure.message : refusalText(each.address, failure)}`;
    const place = places.get(id) ?? { topic, partitions: [], first: each };
    if (partition !== undefined) place.partitions.push(partition);
    places.set(id, place);
  }
  return [...places.values()]
    .map(({ topic, partitions, first: { failure, address } }) => {
      const place = placeText(topic, partitions);
      if (failure instanceof ProtocolError) return `${bootstrap} ${protocolText(failure, place)}`;
      return `${refusalText(address, failure)}, the leader of ${place}`;
    })
    .join('; ');
}

const MOST_PARTITIONS = 10;

function placeText(topic: string, partitions: readonly number[]): string {
  if (partitions.length === 0) return `topic "${topic}"`;
  const shown = partitions.slice(0, MOST_PARTITIONS).join(', ');
  const more = partitions.length > MOST_PARTITIONS ? ', …' : '';
  return `partition${partitions.length === 1 ? '' : 's'} ${shown}${more} of topic "${topic}"`;
}

function protocolText({ type, message }: ProtocolError, place: string): string {
  if (type === 'UNSUPPORTED_SASL_MECHANISM') return `does not support sasl.mechanism; choose another one (${message})`;
  const advice = ADVICE[type]?.(place);
  return advice === undefined ? `failed for ${place} (${message})` : `${advice} (${type})`;
}
