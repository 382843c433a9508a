/** A connection of mqtt.js without its reconnecting and queueing. */
import type { connect, IClientOptions, IConnackPacket, MqttClient } from 'mqtt';

import { PermanentError, TooLargeError, type TlsMaterial } from '../../plugin/index.ts';
import type { Connection } from '../persistent-connection.ts';
import type { Message } from '../broker-messages.ts';

import type { Options } from './options.ts';
import { closed, connectVerdict, publishVerdict } from './verdict.ts';

export interface Client extends Connection {
  /** Maximum number of messages in flight. Known once the connection is open. */
  window(): number;
  /** @throws PermanentError for a message that the broker will never accept; RetryableError otherwise */
  readonly publish: (message: Message) => Promise<void>;
}

export interface ClientSettings {
  readonly connect: typeof connect;
  readonly server: string;
  readonly options: Options;
  readonly tls: TlsMaterial;
}

/** A larger window gains little, and services such as AWS IoT do not allow more. */
const MAX_UNCONFIRMED = 100;
const CONNECT_TIMEOUT_MS = 10_000;
/** Maximum size of a PUBLISH packet without topic and payload: header, lengths, identifier, properties. Bytes. */
const PACKET_OVERHEAD = 16;
/** The length of a topic is a 16-bit integer. */
const MAX_TOPIC_BYTES = 65_535;

export function startClient({ connect, server, options, tls }: ClientSettings): Client {
  const { qos, retain } = options;
  const client = connect(server, clientOptions(options, tls));
  const lost = lostSignal(client, server);
  let connack: IConnackPacket | undefined;
  const opened = new Promise<void>((resolve) => {
    client.once('connect', (packet) => {
      connack = packet;
      resolve();
    });
  });
  return {
    opened,
    lost,
    window: () => Math.min(MAX_UNCONFIRMED, connack?.properties?.receiveMaximum ?? MAX_UNCONFIRMED),
    publish: async ({ topic, payload, lines }) => {
      const topicBytes = Buffer.byteLength(topic);
      if (topicBytes > MAX_TOPIC_BYTES)
        throw new PermanentError(`a topic of ${topicBytes} bytes exceeds the limit of MQTT`);
      const size = payload.length + topicBytes + PACKET_OVERHEAD;
      if (size > (connack?.properties?.maximumPacketSize ?? Infinity)) throw tooLarge(server, lines.length);
      try {
        await client.publishAsync(topic, Buffer.from(payload), { qos, retain });
      } catch (error) {
        throw publishVerdict(error, { server, topic });
      }
    },
    drop: () => {
      client.end(true);
    },
    close: () => client.endAsync(),
  };
}

function clientOptions(options: Options, tls: TlsMaterial): IClientOptions {
  const { protocol, client_id, username, password, keep_alive } = options;
  return {
    protocolVersion: protocol === '5' ? 5 : 4,
    // With an empty ID the broker assigns one.
    clientId: client_id ?? '',
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    keepalive: Math.ceil(keep_alive / 1000),
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    ...tls,
  };
}

/** Aborts at the first sign of a broken connection, which is the most informative one. */
function lostSignal(client: MqttClient, server: string): AbortSignal {
  const lost = new AbortController();
  const lose = (error: Error) => {
    lost.abort(error);
  };
  client.on('error', (error) => {
    lose(connectVerdict(error, server));
  });
  client.on('disconnect', ({ reasonCode }) => {
    lose(connectVerdict({ code: reasonCode }, server));
  });
  client.on('close', () => {
    lose(closed(server));
  });
  return lost.signal;
}

function tooLarge(server: string, lines: number): Error {
  const text = `${server} does not accept a message of this size`;
  return lines > 1 ? new TooLargeError(text) : new PermanentError(text);
}
