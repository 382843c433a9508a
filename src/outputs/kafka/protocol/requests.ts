/**
 * The requests that a producer makes, in versions that brokers since Kafka 0.11 have. Version 8 of Produce (Kafka 2.4) names
 * the records that were refused. https://kafka.apache.org/protocol
 */
import type { Reader, Writer } from './wire.ts';

/** A request: what is written, and how its answer is read. */
export interface Request<Answer> {
  readonly key: number;
  readonly version: number;
  write(body: Writer): void;
  read(answer: Reader): Answer;
}

/** API key → the highest version that the broker has. */
export type ApiVersions = ReadonlyMap<number, number>;

const PRODUCE = 0;
const METADATA = 3;

export const apiVersions: Request<ApiVersions> = {
  key: 18,
  version: 0,
  write: () => undefined,
  read: (answer) => {
    answer.int16();
    return new Map(
      answer.array((each) => {
        const [key, , highest] = [each.int16(), each.int16(), each.int16()];
        return [key, highest] as const;
      }),
    );
  },
};

export function saslHandshake(mechanism: string): Request<{
  readonly error: number;
  readonly mechanisms: readonly string[];
}> {
  return {
    key: 17,
    version: 1,
    write: (body) => body.string(mechanism),
    read: (answer) => ({ error: answer.int16(), mechanisms: answer.array((each) => each.string()) }),
  };
}

export interface Authentication {
  readonly error: number;
  readonly message: string;
  readonly bytes: Buffer;
  /** After this time the broker closes the connection. Milliseconds; 0: never. */
  readonly lifetime: number;
}

const SASL_AUTHENTICATE = 36;

export function saslAuthenticate(bytes: Uint8Array, versions: ApiVersions): Request<Authentication> {
  const version = Math.min(1, versions.get(SASL_AUTHENTICATE) ?? 0);
  return {
    key: SASL_AUTHENTICATE,
    version,
    write: (body) => body.bytes(bytes),
    read: (answer) => ({
      error: answer.int16(),
      message: answer.string(),
      bytes: answer.bytes(),
      lifetime: version === 0 ? 0 : Number(answer.int64()),
    }),
  };
}

export interface Partition {
  readonly index: number;
  readonly error: number;
  /** ID of the broker; -1: none. */
  readonly leader: number;
}

export interface Topic {
  readonly name: string;
  readonly error: number;
  readonly partitions: readonly Partition[];
}

export interface Metadata {
  readonly brokers: readonly { readonly id: number; readonly host: string; readonly port: number }[];
  readonly topics: readonly Topic[];
}

/** Lets the broker create topics that are missing, if it is configured to. */
export function metadata(topics: readonly string[], versions: ApiVersions): Request<Metadata> {
  const version = Math.min(4, versions.get(METADATA) ?? 4);
  return {
    key: METADATA,
    version,
    write: (body) => {
      body.array(topics, (topic) => body.string(topic));
      // Before version 4, without asking.
      if (version >= 4) body.int8(1);
    },
    read: (answer) => {
      if (version >= 3) answer.int32();
      const brokers = answer.array((each) => {
        const broker = { id: each.int32(), host: each.string(), port: each.int32() };
        each.string();
        return broker;
      });
      if (version >= 2) answer.string();
      answer.int32();
      return { brokers, topics: answer.array(readTopic) };
    },
  };
}

function readTopic(answer: Reader): Topic {
  const [error, name] = [answer.int16(), answer.string()];
  answer.int8();
  const partitions = answer.array((each) => {
    const partition = { error: each.int16(), index: each.int32(), leader: each.int32() };
    each.array((replica) => replica.int32());
    each.array((replica) => replica.int32());
    return partition;
  });
  return { name, error, partitions };
}

/** A record batch for a partition. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly batch: Uint8Array;
}

export interface PartitionAnswer {
  readonly topic: string;
  readonly partition: number;
  readonly error: number;
  readonly message: string;
  /** The records that were refused, if the broker names them; then it stored none of the batch. */
  readonly refused: readonly { readonly index: number; readonly message: string }[];
}

export interface ProduceSettings {
  readonly acks: number;
  /** For the replicas. Milliseconds. */
  readonly timeout: number;
  readonly versions: ApiVersions;
}

/** @param batches one for each partition at most: brokers refuse a request with two */
export function produce(
  batches: readonly PartitionBatch[],
  { acks, timeout, versions }: ProduceSettings,
): Request<readonly PartitionAnswer[]> {
  const version = Math.min(8, versions.get(PRODUCE) ?? 3);
  const topics = [...new Set(batches.map(({ topic }) => topic))];
  return {
    key: PRODUCE,
    version,
    write: (body) =>
      body
        .string(null)
        .int16(acks)
        .int32(timeout)
        .array(topics, (topic) => {
          const own = batches.filter((each) => each.topic === topic);
          body.string(topic).array(own, ({ partition, batch }) => body.int32(partition).bytes(batch));
        }),
    read: (answer) =>
      answer
        .array((each) => {
          const topic = each.string();
          return each.array((reader) => ({ topic, ...readPartition(reader, version) }));
        })
        .flat(),
  };
}

function readPartition(answer: Reader, version: number): Omit<PartitionAnswer, 'topic'> {
  const [partition, error] = [answer.int32(), answer.int16()];
  // Offset of the first record, time of appending, first offset of the partition.
  for (let left = version >= 5 ? 3 : 2; left > 0; left -= 1) answer.int64();
  if (version < 8) return { partition, error, message: '', refused: [] };
  const refused = answer.array((each) => ({ index: each.int32(), message: each.string() }));
  return { partition, error, message: answer.string(), refused };
}
