/**
 * A producer of kafkajs that tries once, prints nothing and can be dropped. The package knows no signal and waits for
 * what it has sent before it disconnects, so its sockets are made here, where they can be destroyed.
 */
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import type { CompressionTypes, ISocketFactory, Kafka, logLevel, Partitioners, SASLOptions } from 'kafkajs';

import type { Logger, TlsMaterial } from '../../plugin/index.ts';
import type { Connection } from '../persistent-connection.ts';

import type { Options } from './options.ts';
import { verdict } from './verdict.ts';

export interface KafkaMessage {
  readonly key: string | null;
  readonly value: Buffer;
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: string;
}

export interface Client extends Connection {
  /** @throws the verdict of the broker; some of the messages may have been stored then */
  send(topics: ReadonlyMap<string, readonly KafkaMessage[]>): Promise<void>;
}

/** What is used of the package. */
export interface KafkaJs {
  readonly Kafka: typeof Kafka;
  readonly Partitioners: typeof Partitioners;
  readonly CompressionTypes: typeof CompressionTypes;
  readonly logLevel: typeof logLevel;
}

export interface ClientSettings {
  readonly kafkajs: KafkaJs;
  /** Where the other brokers are learned. */
  readonly broker: string;
  readonly options: Options;
  /** Undefined for no TLS. */
  readonly tls: TlsMaterial | undefined;
  readonly log: Logger;
}

const ONCE = { retries: 0 };
const CONNECTION_TIMEOUT_MS = 10_000;

export function startClient({ kafkajs, broker, options, tls, log }: ClientSettings): Client {
  const { client_id: clientId, sasl, required_acks: acks, compression } = options;
  const sockets = new DroppableSockets(tls);
  const kafka = new kafkajs.Kafka({
    clientId,
    brokers: [broker],
    retry: ONCE,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    socketFactory: sockets.open,
    logLevel: kafkajs.logLevel.INFO,
    logCreator:
      () =>
      ({ namespace, log: { message } }) => {
        log.debug(message, { from: `kafkajs ${namespace}` });
      },
    ...(sasl === undefined ? {} : { sasl: sasl as SASLOptions }),
  });
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner, retry: ONCE });
  const withVerdict = async (work: Promise<unknown>, topics: readonly string[]) => {
    try {
      await work;
    } catch (error) {
      throw verdict(error, { broker, topics });
    }
  };
  return {
    opened: withVerdict(producer.connect(), []),
    // It connects again by itself when an idle connection was closed.
    lost: new AbortController().signal,
    send: (topics) => {
      const topicMessages = [...topics].map(([topic, messages]) => ({ topic, messages: [...messages] }));
      const codec = kafkajs.CompressionTypes[compression === 'gzip' ? 'GZIP' : 'None'];
      return withVerdict(producer.sendBatch({ acks, compression: codec, topicMessages }), [...topics.keys()]);
    },
    drop: () => {
      sockets.drop();
      producer.disconnect().catch((error: unknown) => {
        log.debug('A connection that was dropped did not end in good order', { error });
      });
    },
    close: () => producer.disconnect(),
  };
}

class DroppableSockets {
  readonly #tls: TlsMaterial | undefined;
  readonly #sockets = new Set<Socket>();
  #isDropped = false;

  constructor(tls: TlsMaterial | undefined) {
    this.#tls = tls;
  }

  /** kafkajs reconnects after a failure; after `drop` it must not. */
  readonly open: ISocketFactory = ({ host, port, onConnect }) => {
    if (this.#isDropped) throw new Error('the connection was dropped');
    const socket = openSocket(host, port, this.#tls, onConnect);
    socket.setKeepAlive(true, 60_000);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  };

  drop(): void {
    this.#isDropped = true;
    // Only with an error does kafkajs give up the requests that wait for an answer.
    for (const socket of this.#sockets) socket.destroy(new Error('the connection was dropped'));
  }
}

function openSocket(host: string, port: number, tls: TlsMaterial | undefined, onConnect: () => void): Socket {
  if (tls === undefined) return connectPlain({ host, port }, onConnect);
  return connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls }, onConnect);
}
