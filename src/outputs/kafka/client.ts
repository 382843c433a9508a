/**
 * A kafkajs producer that does not retry, prints nothing and can be dropped. The package does not support AbortSignal and
 * waits for pending requests before it disconnects, so its sockets are created here, where they can be destroyed.
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
  /** @throws the verdict of the broker; some of the messages may already be stored */
  send(topics: ReadonlyMap<string, readonly KafkaMessage[]>): Promise<void>;
}

/** The exports of the package that are used here. */
export interface KafkaJs {
  readonly Kafka: typeof Kafka;
  readonly Partitioners: typeof Partitioners;
  readonly CompressionTypes: typeof CompressionTypes;
  readonly logLevel: typeof logLevel;
}

export interface ClientSettings {
  readonly kafkajs: KafkaJs;
  /** Bootstrap broker. */
  readonly broker: string;
  readonly options: Options;
  /** Undefined: no TLS. */
  readonly tls: TlsMaterial | undefined;
  readonly log: Logger;
}

const NO_RETRY = { retries: 0 };
const CONNECTION_TIMEOUT_MS = 10_000;

export function startClient({ kafkajs, broker, options, tls, log }: ClientSettings): Client {
  const { client_id: clientId, sasl, required_acks: acks, compression } = options;
  const sockets = new DroppableSockets(tls);
  const kafka = new kafkajs.Kafka({
    clientId,
    brokers: [broker],
    retry: NO_RETRY,
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
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner, retry: NO_RETRY });
  const withVerdict = async (work: Promise<unknown>, topics: readonly string[]) => {
    try {
      await work;
    } catch (error) {
      throw verdict(error, { broker, topics });
    }
  };
  return {
    opened: withVerdict(producer.connect(), []),
    // Never aborts: kafkajs reconnects by itself after an idle connection is closed.
    lost: new AbortController().signal,
    send: (topics) => {
      const topicMessages = [...topics].map(([topic, messages]) => ({ topic, messages: [...messages] }));
      const codec = kafkajs.CompressionTypes[compression === 'gzip' ? 'GZIP' : 'None'];
      return withVerdict(producer.sendBatch({ acks, compression: codec, topicMessages }), [...topics.keys()]);
    },
    drop: () => {
      sockets.drop();
      producer.disconnect().catch((error: unknown) => {
        log.debug('Closing a dropped connection failed', { error });
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

  /** Prevents kafkajs from reconnecting after `drop`. */
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
    // Only an error makes kafkajs reject its pending requests.
    for (const socket of this.#sockets) socket.destroy(new Error('the connection was dropped'));
  }
}

function openSocket(host: string, port: number, tls: TlsMaterial | undefined, onConnect: () => void): Socket {
  if (tls === undefined) return connectPlain({ host, port }, onConnect);
  return connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls }, onConnect);
}
