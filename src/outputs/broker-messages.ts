/** Encodes batches as messages for brokers: one message per metric, or one per topic. */
import {
  encodeBatch,
  formatLine,
  FORMATS,
  PartialWriteError,
  PermanentError,
  TIMESTAMP_UNITS,
  TooLargeError,
  z,
  type Batch,
  type Format,
  type Metric,
  type TimestampUnits,
} from '../plugin/index.ts';

/** Options of all outputs that publish messages. */
export const messageOptions = {
  format: z
    .enum(FORMATS)
    .default('influx')
    .describe('influx: line protocol; json: one object per line; csv: one row per field'),
  timestamp_units: z
    .enum(TIMESTAMP_UNITS)
    .default('1s')
    .describe('Precision of timestamps in json and csv; influx is always in nanoseconds'),
} as const;

export interface MessageForm {
  readonly format: Format;
  readonly timestamp_units: TimestampUnits;
  /** metric: one message per metric; batch: one per topic. Default: metric. */
  readonly layout?: 'metric' | 'batch';
}

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** The first metric in the message. */
  readonly metric: Metric;
  /** The lines in the message, as positions in the batch, ascending. */
  readonly lines: readonly number[];
}

interface Group {
  readonly topic: string;
  readonly metric: Metric;
  readonly metrics: Metric[];
  readonly lines: number[];
}

/** Messages in the order of the batch. A line of the batch and `formatLine` of its metric are the same bytes. */
export function messagesOf(
  batch: Pick<Batch, 'metrics'>,
  { format, timestamp_units, layout = 'metric' }: MessageForm,
  topicOf: (metric: Metric) => string,
): readonly Message[] {
  return groups(batch.metrics(), layout, topicOf).map(({ topic, metric, lines, metrics }) => ({
    topic,
    metric,
    lines,
    payload: encode(metrics, format, timestamp_units),
  }));
}

function groups(
  metrics: Iterable<Metric>,
  layout: 'metric' | 'batch',
  topicOf: (metric: Metric) => string,
): readonly Group[] {
  const all: Group[] = [];
  const byTopic = new Map<string, Group>();
  let line = 0;
  for (const metric of metrics) {
    const topic = topicOf(metric);
    let group = layout === 'batch' ? byTopic.get(topic) : undefined;
    if (group === undefined) {
      group = { topic, metric, metrics: [], lines: [] };
      all.push(group);
      byTopic.set(topic, group);
    }
    group.metrics.push(metric);
    group.lines.push(line);
    line += 1;
  }
  return all;
}

function encode(metrics: readonly Metric[], format: Format, units: TimestampUnits): Uint8Array {
  const batch = {
    get lines() {
      return Buffer.from(metrics.map((metric) => `${formatLine(metric)}\n`).join(''));
    },
    metrics: () => metrics,
  };
  return encodeBatch(batch, format, units);
}

/** A message that the broker permanently rejected, and why. */
export interface Refusal {
  readonly message: Message;
  readonly reason: string;
}

/** @throws PartialWriteError if there are any; all other messages must have been acknowledged */
export function throwRefused(refusals: readonly Refusal[]): void {
  const [first] = refusals;
  if (first === undefined) return;
  const byLine = new Map(refusals.flatMap(({ message, reason }) => message.lines.map((line) => [line, reason])));
  const refused = [...byLine.keys()].sort((a, b) => a - b);
  throw new PartialWriteError(`${refused.length} of the lines were permanently rejected: ${first.reason}`, refused, {
    reasons: refused.map((line) => byLine.get(line) ?? first.reason),
  });
}

/**
 * Publishes in order, with at most `window` messages in flight. Stops at the first failure.
 *
 * @param publish throws PermanentError for a message that the broker will never accept
 * @throws PartialWriteError if there were such messages and all others are acknowledged; else the error of `publish`
 */
export async function publishAll(
  messages: readonly Message[],
  publish: (message: Message) => Promise<void>,
  window: number,
): Promise<void> {
  const refusals: Refusal[] = [];
  const queue = inOrder(messages);
  const lane = async () => {
    for (const message of queue) {
      try {
        await publish(message);
      } catch (error) {
        // Leaving the loop closes the generator, which ends the other lanes.
        if (!(error instanceof PermanentError) || error instanceof TooLargeError) throw error;
        refusals.push({ message, reason: error.message });
      }
    }
  };
  const lanes = Array.from({ length: window }, lane);
  try {
    await Promise.all(lanes);
  } catch (error) {
    // The connection stays open, and messages still in flight would count against the window of the next batch.
    if (error instanceof TooLargeError) await Promise.allSettled(lanes);
    throw error;
  }
  throwRefused(refusals);
}

/** A generator, because an array's iterator cannot be closed. */
function* inOrder<T>(items: readonly T[]): Generator<T> {
  yield* items;
}
