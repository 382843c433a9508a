/** A connection of mqtt.js that neither reconnects nor queues. */
import type { connect, IClientOptions, IConnackPacket, MqttClient } from 'mqtt';

import { PermanentError, TooLargeError, type TlsMaterial } from '../../plugin/index.ts';
import type { Connection } from '../persistent-connection.ts';
import type { Message } from '../broker-messages.ts';

import type { Options } from './options.ts';
import { closed, connectVerdict, publishVerdict } from './verdict.ts';

export interface Client extends Connection {
  /** How many messages may be on their way. Known when the connection is open. */
  window(): number;
  /** @throws PermanentError for a message that the broker will never take; the host's errors for all else */
  readonly publish: (message: Message) => Promise<void>;
}

export interface ClientSettings {
  readonly connect: typeof connect;
  readonly server: string;
  readonly options: Options;
  readonly tls: TlsMaterial;
}

/** More bring little, and services such as AWS IoT take no more. */
const MAX_UNCONFIRMED = 100;
const CONNECT_TIMEOUT_MS = 10_000;
/** Of a PUBLISH packet, beside topic and payload: header, length, identifier, properties. Bytes, at most. */
const PACKET_OVERHEAD = 16;
/** MQTT writes the length of a topic in two bytes. */
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
      if (topicBytes > MAX_TOPIC_BYTES) throw new PermanentError(`a topic of ${topicBytes} bytes is too long for MQTT`);
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
    // An empty one makes the broker choose.
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

/** Aborts at the first sign that the connection is of no use, which is the one that says most. */
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
  const text = `${server} takes no message of this size`;
  return lines > 1 ? new TooLargeError(text) : new PermanentError(text);
}
