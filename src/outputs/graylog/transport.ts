/** Transports for GELF messages. */
import type { PluginContext, StreamTarget } from '../../plugin/index.ts';

import { datagramsOf, MAX_CHUNKS, type DatagramSettings } from './datagrams.ts';

export interface Transport {
  connect(signal: AbortSignal): Promise<void>;
  /** @returns the messages that were permanently rejected, with reasons; empty if all were accepted */
  send(messages: readonly string[], signal: AbortSignal): Promise<readonly Refusal[]>;
}

export interface Refusal {
  /** Position of the message, counted from 0. */
  readonly index: number;
  readonly reason: string;
}

export function udpTransport(
  { sendDatagrams }: PluginContext,
  target: StreamTarget,
  settings: DatagramSettings,
): Transport {
  return {
    connect: (signal) => sendDatagrams(target, [], signal),
    async send(messages, signal) {
      const refusals: Refusal[] = [];
      // Lazily, while the previous ones are sent: compressing a whole batch at once would block the event loop.
      function* datagrams(): Iterable<Buffer> {
        for (const [index, message] of messages.entries()) {
          const parts = datagramsOf(message, settings);
          if (parts !== undefined) yield* parts;
          else refusals.push({ index, reason: `more than ${MAX_CHUNKS} chunks; raise chunk_size or use tcp://` });
        }
      }
      await sendDatagrams(target, datagrams(), signal);
      return refusals;
    },
  };
}

/** A null byte delimits messages; it cannot occur in one, since JSON escapes it. */
export function streamTransport({ sendStream }: PluginContext, target: StreamTarget): Transport {
  return {
    connect: (signal) => sendStream(target, Buffer.alloc(0), signal),
    async send(messages, signal) {
      await sendStream(target, Buffer.from(messages.map((message) => `${message}\0`).join('')), signal);
      return [];
    },
  };
}
