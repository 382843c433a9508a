import {
  milliseconds,
  optionalPackage,
  type Batch,
  type Metric,
  type Output,
  type PluginContext,
} from '../../plugin/index.ts';
import { PersistentConnection } from '../persistent-connection.ts';
import { messagesOf, throwRefused, type Message } from '../broker-messages.ts';

import { startClient, type KafkaMessage } from './client.ts';
import type { Options } from './options.ts';

/** @throws if kafkajs is not installed, or a certificate cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  const kafkajs = await optionalPackage('kafkajs', () => import('kafkajs'));
  const tls = options.enable_tls ? await context.readTls(options.tls) : undefined;
  const connection = new PersistentConnection(
    options.brokers,
    (broker) => startClient({ kafkajs, broker, options, tls, log: context.log }),
    context.clock,
  );
  return {
    // Even without messages, kafkajs fetches the metadata of the topic.
    connect: (signal) => connection.use((client) => client.send(new Map([[options.topic, []]])), signal),
    async write(batch, signal) {
      const { fitting, refused } = splitBySize(batch, options);
      signal.throwIfAborted();
      if (fitting.length > 0) await connection.use((client) => client.send(byTopic(fitting, options)), signal);
      const reason = `longer than max_message_bytes (${options.max_message_bytes})`;
      throwRefused(refused.map((message) => ({ message, reason })));
    },
    stop: () => connection.close(),
  };
}

function splitBySize(batch: Batch, options: Options) {
  const messages = messagesOf(batch, options, topicOf(options));
  const fits = ({ payload }: Message) => payload.length <= options.max_message_bytes;
  return { fitting: messages.filter(fits), refused: messages.filter((message) => !fits(message)) };
}

/** Invalid characters in a tag value are replaced, since the broker would reject the topic on every retry. */
function topicOf({ topic, topic_tag }: Options): (metric: Metric) => string {
  return ({ tags }) => {
    const value = topic_tag === undefined ? '' : (tags[topic_tag] ?? '');
    return value === '' ? topic : value.replace(/^\.{1,2}$|[^\w.-]/g, '_').slice(0, 249);
  };
}

function byTopic(messages: readonly Message[], options: Options): ReadonlyMap<string, readonly KafkaMessage[]> {
  const { routing_key, routing_tag = 'host' } = options;
  const topics = new Map<string, KafkaMessage[]>();
  for (const { topic, payload, metric } of messages) {
    const message = {
      key: routing_key ?? metric.tags[routing_tag] ?? null,
      value: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
      // Kafka timestamps are milliseconds.
      timestamp: String(milliseconds(metric.time)),
    };
    const others = topics.get(topic);
    if (others === undefined) topics.set(topic, [message]);
    else others.push(message);
  }
  return topics;
}
