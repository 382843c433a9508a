import { milliseconds, type Batch, type Metric, type Output, type PluginContext } from '../../plugin/index.ts';
import { messagesOf, throwRefused, type Message } from '../broker-messages.ts';
import { PersistentConnection } from '../persistent-connection.ts';

import { startClient } from './client.ts';
import type { Outgoing } from './lanes.ts';
import type { Options } from './options.ts';
import { Progress } from './progress.ts';
import { murmur2 } from './protocol/murmur2.ts';

/** @throws if a certificate cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  const { clock, host } = context;
  const tls = options.enable_tls ? await context.readTls(options.tls) : undefined;
  const connection = new PersistentConnection(
    options.brokers,
    (broker) => startClient({ broker, options, tls, clock }),
    clock,
  );
  const progress = new Progress();
  // Agents begin with different partitions, and each goes on to the next one with every batch.
  let turn = murmur2(Buffer.from(host.hostname));
  return {
    connect: (signal) => connection.use((client) => client.probe(options.topic), signal),
    async write(batch, signal) {
      signal.throwIfAborted();
      const { fitting, refused } = splitBySize(batch, options);
      const attempt = progress.begin(fitting);
      const records = attempt.open.map((message) => recordOf(message, options));
      turn += 1;
      try {
        if (records.length > 0) await connection.use((client) => client.send(records, attempt, turn), signal);
      } catch (error) {
        progress.keep(fitting, attempt);
        throw error;
      }
      progress.forget();
      const reason = `longer than max_message_bytes (${options.max_message_bytes})`;
      throwRefused([...refused.map((message) => ({ message, reason })), ...attempt.refusals]);
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

function recordOf(message: Message, { routing_key, routing_tag = 'host' }: Options): Outgoing {
  const { tags, time } = message.metric;
  const key = routing_key ?? tags[routing_tag];
  return {
    message,
    key: key === undefined ? null : Buffer.from(key),
    value: message.payload,
    timestamp: milliseconds(time),
  };
}
