/** Distributes messages over the partitions of their topics, and applies the answers of the brokers. */
import { oneLine, truncate } from '../../plugin/index.ts';
import type { Message } from '../broker-messages.ts';

import { isUsable, NONE, nameOf, ProtocolError } from './protocol/errors.ts';
import { partitionOf } from './protocol/murmur2.ts';
import { RECORD_OVERHEAD, type KafkaRecord } from './protocol/record-batch.ts';
import type { Metadata, PartitionAnswer, Topic } from './protocol/requests.ts';
import type { Attempt } from './progress.ts';

export interface Outgoing extends KafkaRecord {
  readonly message: Message;
}

/** The messages for one partition, which are sent one chunk after another, to keep their order. */
export interface Lane {
  readonly topic: string;
  /** Undefined: the topic as a whole is not available. */
  readonly partition: number | undefined;
  /** host:port of the leader. */
  readonly address: string;
  readonly chunks: (readonly Outgoing[])[];
  /** Why the rest has to wait. */
  failure: unknown;
  /** The broker found the first chunk damaged. */
  isDamaged: boolean;
}

/** Errors about the records themselves. */
const REFUSED = new Set(['INVALID_TIMESTAMP', 'CORRUPT_MESSAGE', 'UNSUPPORTED_FOR_MESSAGE_FORMAT', 'INVALID_RECORD']);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

const MAX_REASON = 300;

export interface Distribution {
  readonly metadata: Metadata;
  /** Selects the partition of messages without a key. */
  readonly turn: number;
  /** Maximum size of a chunk before compression. Bytes. */
  readonly maxBytes: number;
}

export function lanesOf(records: readonly Outgoing[], distribution: Distribution): readonly Lane[] {
  const { metadata, turn, maxBytes } = distribution;
  const topics = new Map(metadata.topics.map((topic) => [topic.name, topic]));
  const addresses = new Map(metadata.brokers.map(({ id, host, port }) => [id, `${host}:${port}`]));
  const groups = new Map<string, { lane: Lane; records: Outgoing[] }>();
  for (const record of records) {
    const topic = topics.get(record.message.topic);
    const partition = topic && choose(record, topic, turn);
    const id = `${record.message.topic} ${partition ?? ''}`;
    let group = groups.get(id);
    if (group === undefined) {
      group = { lane: openLane(record.message.topic, topic, partition, addresses), records: [] };
      groups.set(id, group);
    }
    group.records.push(record);
  }
  return [...groups.values()].map(({ lane, records: own }) => {
    lane.chunks.push(...chunksOf(own, maxBytes));
    return lane;
  });
}

/** The partition of the key, available or not. Messages without a key go to any partition that is available. */
function choose({ key }: Outgoing, { error, partitions }: Topic, turn: number): number | undefined {
  if (error !== NONE || partitions.length === 0) return undefined;
  if (key !== null) return partitionOf(key, partitions.length);
  const available = partitions.filter((each) => isUsable(each.error) && each.leader >= 0);
  return (available[turn % available.length] ?? partitions[0])?.index;
}

function openLane(
  name: string,
  topic: Topic | undefined,
  index: number | undefined,
  addresses: ReadonlyMap<number, string>,
): Lane {
  const found = topic?.partitions.find((each) => each.index === index);
  const address = addresses.get(found?.leader ?? -1);
  const code = found?.error ?? topic?.error ?? NONE;
  const type = isUsable(code) ? 'LEADER_NOT_AVAILABLE' : nameOf(code);
  const failure = isUsable(code) && address !== undefined ? undefined : new ProtocolError(type);
  return { topic: name, partition: index, address: address ?? '', chunks: [], failure, isDamaged: false };
}

function chunksOf(records: readonly Outgoing[], maxBytes: number): Outgoing[][] {
  const chunks: Outgoing[][] = [];
  let size = Infinity;
  for (const record of records) {
    const own = record.value.length + (record.key?.length ?? 0) + RECORD_OVERHEAD;
    size += own;
    if (size > maxBytes) {
      chunks.push([]);
      size = own;
    }
    chunks.at(-1)?.push(record);
  }
  return chunks;
}

/** Applies the answer to the first chunk of the lane. */
export function settle(lane: Lane, answer: PartitionAnswer, attempt: Attempt): void {
  // It may have been damaged on its way; only if it is found damaged again, its records are to blame.
  lane.isDamaged = nameOf(answer.error) === 'CORRUPT_MESSAGE' && !lane.isDamaged;
  if (!lane.isDamaged) settleChunk(lane, answer, attempt);
}

function settleChunk(lane: Lane, { error, message, refused }: PartitionAnswer, attempt: Attempt): void {
  const chunk = lane.chunks.shift() ?? [];
  const type = nameOf(error);
  if (error === NONE) {
    for (const record of chunk) attempt.outcomes.set(record.message, undefined);
  } else if (REFUSED.has(type) && refused.some(({ index }) => index in chunk)) {
    const reasons = new Map(refused.map((each) => [each.index, reasonOf(type, each.message || message)]));
    for (const [index, record] of chunk.entries()) {
      if (reasons.has(index)) attempt.outcomes.set(record.message, reasons.get(index));
    }
    lane.chunks.unshift(...[chunk.filter((_, index) => !reasons.has(index))].filter(({ length }) => length > 0));
  } else if (REFUSED.has(type) || TOO_LARGE.has(type)) {
    const middle = Math.ceil(chunk.length / 2);
    if (chunk.length > 1) lane.chunks.unshift(chunk.slice(0, middle), chunk.slice(middle));
    else for (const record of chunk) attempt.outcomes.set(record.message, reasonOf(type, message));
  } else {
    lane.chunks.unshift(chunk);
    lane.failure = new ProtocolError(type);
  }
}

function reasonOf(type: string, message: string): string {
  const text = truncate(oneLine(message), MAX_REASON);
  return text === '' ? `the broker refused it (${type})` : `the broker refused it (${type}): ${text}`;
}
