import { optionalPackage, type Output, type PluginContext } from '../../plugin/index.ts';
import { PersistentConnection } from '../persistent-connection.ts';
import { messagesOf } from '../broker-messages.ts';
import { topicTemplate } from '../topic-template.ts';

import { startClient } from './client.ts';
import type { Options } from './options.ts';

/** @throws if a package is not installed, or a certificate cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  const transport = await optionalPackage('@nats-io/transport-node', () => import('@nats-io/transport-node'));
  const jetstream = await optionalPackage('@nats-io/jetstream', () => import('@nats-io/jetstream'));
  const tls = await context.readTls(options.tls);
  const subjectOf = topicTemplate(options.subject, oneToken);
  const connection = new PersistentConnection(
    options.servers,
    (server) => startClient({ transport, jetstream, server, options, tls, log: context.log }),
    context.clock,
  );
  return {
    connect: (signal) => connection.use(() => Promise.resolve(), signal),
    write: (batch, signal) => connection.use((client) => client.publish(messagesOf(batch, options, subjectOf)), signal),
    stop: () => connection.close(),
  };
}

/** A value must not add tokens or contain characters that servers reject in a subject. */
function oneToken(value: string): string {
  return value.replace(/[.*>$\s\p{Cc}]/gu, '_');
}
