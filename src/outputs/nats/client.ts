/** A NATS connection without automatic reconnects, and publishing through it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

import type * as Jetstream from '@nats-io/jetstream';
import type * as Transport from '@nats-io/transport-node';

import {
  describeError,
  formatLine,
  PermanentError,
  RetryableError,
  type Logger,
  type TlsMaterial,
} from '../../plugin/index.ts';
import type { Connection } from '../persistent-connection.ts';
import { publishAll, type Message } from '../broker-messages.ts';
import { filled } from '../topic-template.ts';

import type { Options } from './options.ts';
import { apiCode, closed, verdict } from './verdict.ts';

export interface Client extends Connection {
  /** @throws the verdict of the server; some of the messages may already be stored */
  publish(messages: readonly Message[]): Promise<void>;
}

export interface ClientSettings {
  readonly transport: Pick<typeof Transport, 'connect' | 'credsAuthenticator'>;
  readonly jetstream: Pick<typeof Jetstream, 'jetstream' | 'jetstreamManager' | 'JetStreamApiCodes'>;
  readonly server: string;
  readonly options: Options;
  readonly tls: TlsMaterial;
  readonly log: Logger;
}

const MAX_UNCONFIRMED = 256;
const CONNECT_TIMEOUT_MS = 10_000;
const CONFIRMATION_TIMEOUT_MS = 20_000;
const MS_TO_NS = 1_000_000;
/** Maximum size of the headers (message ID and expected stream), which the server counts as payload. */
const HEADER_BYTES = 384;
/** A server closes the connection if subject, reply subject and sizes exceed 4096 bytes (`max_control_line`). */
const MAX_SUBJECT_BYTES = 4096 - 128;

export function startClient(settings: ClientSettings): Client {
  const { server, log } = settings;
  const lost = new AbortController();
  const connection = connect(settings);
  const open = async () => {
    const nats = await connection;
    watch(nats, server, lost).catch((error: unknown) => {
      lost.abort(verdict(error, { server }));
    });
    await createStream(nats, settings);
  };
  const end = async () => {
    // A connection that failed to open needs no closing.
    const [opened] = await Promise.allSettled([connection]);
    if (opened.status === 'fulfilled') await opened.value.close();
  };
  return {
    opened: open().catch((error: unknown) => {
      throw verdict(error, { server });
    }),
    lost: lost.signal,
    publish: async (messages) => {
      const nats = await connection;
      await (settings.options.jetstream ? store(nats, messages, settings) : broadcast(nats, messages, settings));
    },
    drop: () => {
      end().catch((error: unknown) => {
        log.debug('Closing a dropped connection failed', { error });
      });
    },
    close: end,
  };
}

async function connect({ transport, server, options, tls }: ClientSettings): Promise<Transport.NatsConnection> {
  const { username, password, token, credentials_file } = options;
  const credentials = credentials_file === undefined ? undefined : await readCredentials(credentials_file);
  return transport.connect({
    servers: [server],
    name: 'healthd',
    reconnect: false,
    timeout: CONNECT_TIMEOUT_MS,
    ...(username === undefined ? {} : { user: username }),
    ...(password === undefined ? {} : { pass: password }),
    ...(token === undefined ? {} : { token }),
    ...(credentials === undefined ? {} : { authenticator: transport.credsAuthenticator(credentials) }),
    ...tlsOptions(server, tls),
  });
}

/** Reads the file for every connection, since credentials expire and are replaced. */
async function readCredentials(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new RetryableError(`Cannot read credentials_file: ${describeError(error)}`, { cause: error });
  }
}

/** TLS is used in any case if the server requires it; with these options, connecting without TLS fails. */
function tlsOptions(
  server: string,
  { ca, cert, key, servername, rejectUnauthorized }: TlsMaterial,
): Transport.NodeConnectionOptions {
  const isDefault = ca === undefined && cert === undefined && servername === undefined && rejectUnauthorized;
  if (!server.startsWith('tls:') && isDefault) return {};
  const files = Object.entries({ ca, cert, key }).flatMap(([name, file]) =>
    file === undefined ? [] : [[name, file.toString()] as const],
  );
  // The package sets the host only for names; the certificate of an IP address would be checked against "localhost".
  const host = new URL(server).hostname.replace(/^\[|\]$/g, '');
  const name = servername === undefined ? {} : { servername };
  const settings = { ...Object.fromEntries(files), ...name, rejectUnauthorized, host };
  return { tls: settings };
}

/** Watches for asynchronous errors, such as permission violations, and for the end of the connection. */
async function watch(nats: Transport.NatsConnection, server: string, lost: AbortController): Promise<void> {
  for await (const status of nats.status()) {
    if (status.type === 'error') lost.abort(verdict(status.error, { server }));
  }
  lost.abort(closed(server));
}

/** @throws the verdict of the server */
async function createStream(nats: Transport.NatsConnection, settings: ClientSettings): Promise<void> {
  const { jetstream, server, options } = settings;
  const { stream, create_stream, stream_max_age, subject } = options;
  if (!create_stream || stream === undefined) return;
  const { streams } = await jetstream.jetstreamManager(nats, { checkAPI: false });
  try {
    await streams.info(stream);
  } catch (error) {
    if (apiCode(error) !== jetstream.JetStreamApiCodes.StreamNotFound) throw verdict(error, { server, stream });
    const subjects = [subjectsOf(subject)];
    await streams.add({ name: stream, subjects, max_age: stream_max_age * MS_TO_NS });
  }
}

/** The template with a wildcard for each token that contains a placeholder. */
function subjectsOf(template: string): string {
  return filled(template, '*')
    .split('.')
    .map((token) => (token.includes('*') ? '*' : token))
    .join('.');
}

async function store(
  nats: Transport.NatsConnection,
  messages: readonly Message[],
  { jetstream, server, options }: ClientSettings,
): Promise<void> {
  const { stream, deduplicate } = options;
  const client = jetstream.jetstream(nats, { timeout: CONFIRMATION_TIMEOUT_MS });
  const settings = stream === undefined ? {} : { expect: { streamName: stream } };
  const publish = async (message: Message) => {
    const { topic, payload } = message;
    checkSize(nats, message, server);
    const id = deduplicate ? { msgID: idOf(message) } : {};
    try {
      await client.publish(topic, payload, { ...settings, ...id });
    } catch (error) {
      throw verdict(error, { server, stream, subject: topic });
    }
  };
  await publishAll(messages, publish, MAX_UNCONFIRMED);
}

/** Without JetStream the server acknowledges only that it has read everything. */
async function broadcast(
  nats: Transport.NatsConnection,
  messages: readonly Message[],
  { server }: ClientSettings,
): Promise<void> {
  const publish = (message: Message) => {
    checkSize(nats, message, server);
    nats.publish(message.topic, message.payload);
    return Promise.resolve();
  };
  try {
    await publishAll(messages, publish, 1);
  } finally {
    await nats.flush();
    // The server reports errors before it answers the flush; `watch` receives them in this turn of the event loop.
    await setImmediate();
  }
}

function checkSize({ info }: Transport.NatsConnection, { topic, payload }: Message, server: string): void {
  const subjectBytes = Buffer.byteLength(topic);
  if (subjectBytes > MAX_SUBJECT_BYTES)
    throw new PermanentError(`${server} does not accept a subject of ${subjectBytes} bytes`);
  const maxPayload = (info?.max_payload ?? Infinity) - HEADER_BYTES;
  if (payload.length > maxPayload)
    throw new PermanentError(`${server} does not accept a message of this size on "${topic}"`);
}

/** A hash of topic and metric, so that a stream drops duplicates within its `duplicate_window`. */
function idOf({ topic, metric }: Message): string {
  return createHash('sha256')
    .update(`${topic} ${formatLine(metric)}`)
    .digest('base64url')
    .slice(0, 22);
}
