/**
 * A Kafka broker that only refuses: credentials (PLAIN), topics, and messages, each with the protocol's error code that a test
 * asks for. https://kafka.apache.org/protocol.html; only versions without compact fields.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface FakeKafka {
  readonly address: string;
  /** host:port of the leader of all partitions; at first this broker. */
  leader: string;
  /** Number of requests for metadata. */
  lookups: number;
  /** Expected SASL credentials; undefined: none required. */
  credentials: { readonly username: string; readonly password: string } | undefined;
  /** Error codes, 0 for none: of a topic in the metadata, and of a record batch for it. */
  topicError: number;
  produceError: number | ((batch: Buffer) => number);
  /** Changes the answer to a record batch on its way, length and correlation ID included. */
  onTheWay: (answer: Buffer, socket: Socket) => void;
  /** Record batches that were accepted. */
  readonly accepted: Buffer[];
  stop(): Promise<void>;
}

const [PRODUCE, METADATA, SASL_HANDSHAKE, API_VERSIONS, SASL_AUTHENTICATE] = [0, 3, 17, 18, 36];

/** Key, lowest and highest version: those of Kafka 0.11, which does not name the records that it refuses. */
const VERSIONS = [
  [PRODUCE, 0, 3],
  [METADATA, 0, 4],
  [SASL_HANDSHAKE, 1, 1],
  [API_VERSIONS, 0, 2],
  [SASL_AUTHENTICATE, 0, 0],
] as const;

const UNSUPPORTED_MECHANISM = 33;
const AUTHENTICATION_FAILED = 58;

export async function startFakeKafka(): Promise<FakeKafka> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE()) {
        const end = 4 + received.readInt32BE();
        const reply = answer(new Reader(received.subarray(4, end)), fake);
        if (received.readInt16BE(4) === PRODUCE) fake.onTheWay(reply, socket);
        else socket.write(reply);
        received = received.subarray(end);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fake: FakeKafka = {
    address: `127.0.0.1:${port}`,
    leader: `127.0.0.1:${port}`,
    lookups: 0,
    credentials: undefined,
    topicError: 0,
    produceError: 0,
    onTheWay: (reply, socket) => socket.write(reply),
    accepted: [],
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

function answer(request: Reader, fake: FakeKafka): Buffer {
  const key = request.int16();
  request.int16();
  const correlation = request.int32();
  request.string();
  const body = bodyOf(key, request, fake);
  return Buffer.concat([int32(4 + body.length), int32(correlation), body]);
}

function bodyOf(key: number, request: Reader, fake: FakeKafka) {
  const { credentials, topicError, produceError, accepted } = fake;
  switch (key) {
    case API_VERSIONS:
      return Buffer.concat([int16(0), array(VERSIONS, (version) => Buffer.concat(version.map(int16))), int32(0)]);
    case SASL_HANDSHAKE: {
      const isKnown = request.string() === 'PLAIN';
      return Buffer.concat([int16(isKnown ? 0 : UNSUPPORTED_MECHANISM), array(['PLAIN'], string)]);
    }
    case SASL_AUTHENTICATE: {
      const { username = '', password = '' } = credentials ?? {};
      const isRight = request.bytes().toString() === `\0${username}\0${password}`;
      return Buffer.concat([int16(isRight ? 0 : AUTHENTICATION_FAILED), string('Authentication failed'), int32(0)]);
    }
    case METADATA: {
      fake.lookups += 1;
      const [host = '', port] = fake.leader.split(':');
      const partition = Buffer.concat([int16(0), int32(0), int32(1), array([1], int32), array([1], int32)]);
      const topic = (name: string) =>
        Buffer.concat([int16(topicError), string(name), Buffer.from([0]), array([partition], (bytes) => bytes)]);
      const broker = Buffer.concat([int32(1), string(host), int32(Number(port)), int16(-1)]);
      const names = request.array(() => request.string());
      const cluster = Buffer.concat([string('cluster'), int32(1)]);
      return Buffer.concat([int32(0), array([broker], (bytes) => bytes), cluster, array(names, topic)]);
    }
    case PRODUCE: {
      request.string();
      request.int16();
      request.int32();
      const topics = request.array(() => {
        const name = request.string();
        const partitions = request.array(() => {
          const partition = request.int32();
          const batch = request.bytes();
          const error = typeof produceError === 'number' ? produceError : produceError(batch);
          if (error === 0) accepted.push(batch);
          return Buffer.concat([int32(partition), int16(error), Buffer.alloc(16)]);
        });
        return Buffer.concat([string(name), array(partitions, (bytes) => bytes)]);
      });
      return Buffer.concat([array(topics, (bytes) => bytes), int32(0)]);
    }
    default:
      throw new Error(`The fake Kafka has no API ${key}`);
  }
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  string(): string {
    return this.#take(this.int16()).toString();
  }

  bytes(): Buffer {
    return this.#take(this.int32());
  }

  array<T>(read: () => T): readonly T[] {
    return Array.from({ length: this.int32() }, read);
  }

  /** A length of -1 is null. */
  #take(length: number): Buffer {
    const start = this.#at;
    this.#at += Math.max(0, length);
    return this.#bytes.subarray(start, this.#at);
  }
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([int16(bytes.length), bytes]);
}

function array<T>(items: readonly T[], write: (item: T) => Buffer): Buffer {
  return Buffer.concat([int32(items.length), ...items.map(write)]);
}
