import { optionalPackage, type Output, type PluginContext } from '../../plugin/index.ts';
import { PersistentConnection } from '../persistent-connection.ts';
import { messagesOf, publishAll } from '../broker-messages.ts';
import { topicTemplate } from '../topic-template.ts';

import { startClient } from './client.ts';
import type { Options } from './options.ts';

/** @throws if the package is not installed, or a certificate cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  const { connect } = await optionalPackage('mqtt', () => import('mqtt'));
  const tls = await context.readTls(options.tls);
  const topicOf = topicTemplate(options.topic, oneLevel);
  const connection = new PersistentConnection(
    options.servers,
    (server) => startClient({ connect, server, options, tls }),
    context.clock,
  );
  return {
    connect: (signal) => connection.use(() => Promise.resolve(), signal),
    async write(batch, signal) {
      const messages = messagesOf(batch, options, topicOf);
      await connection.use((client) => publishAll(messages, client.publish, client.window()), signal);
    },
    stop: () => connection.close(),
  };
}

/** A value must not add topic levels or contain characters that brokers reject in a topic. */
function oneLevel(value: string): string {
  return value.replace(/[/+#$\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu, '_');
}
