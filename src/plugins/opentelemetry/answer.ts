/** Answers exports as the specification of OTLP/HTTP wants it. One is confirmed when its points are in the journal. */
import {
  compileGlobs,
  describeError,
  inTurns,
  oneAtATime,
  jsonOf,
  type Accumulator,
  type HttpReply,
  type ListenOptions,
  type PluginContext,
} from '../../plugin/index.ts';

import { Decoder } from './decoder.ts';
import { Intake } from './intake.ts';
import { isObject } from './json-value.ts';
import { takeLogs } from './logs.ts';
import type { Raw } from './message.ts';
import { takeMetrics } from './metrics.ts';
import type { Options } from './options.ts';
import { encodingOf, failure, success, type Encoding } from './reply.ts';

/** Clients send again after a 503, not after a 400. */
const RETRY_AFTER = { 'retry-after': '10' };

/** Of all lists of a request, for each of its points: attributes, buckets, quantiles. */
const ITEMS_PER_POINT = 20;

interface Signal {
  /** Name in the answer of the number of those that were rejected. */
  readonly counted: string;
  take(decoder: Decoder, body: Raw, intake: Intake): Iterator<undefined, void>;
}

type Context = Pick<PluginContext, 'storage'>;

export function createAnswer(options: Options, context: Context, acc: Accumulator): ListenOptions['answer'] {
  const { max_points: most } = options;
  const { storage } = context;
  const isTag = compileGlobs(options.log_tags);
  const signals: ReadonlyMap<string, Signal> = new Map([
    ['/v1/metrics', { counted: 'rejectedDataPoints', take: takeMetrics }],
    [
      '/v1/logs',
      { counted: 'rejectedLogRecords', take: (decoder, body, intake) => takeLogs(decoder, body, intake, isTag) },
    ],
  ]);
  const next = oneAtATime();
  return async (request, signal) => {
    const encoding = encodingOf(request.header('content-type'));
    const kind = signals.get(request.path);
    if (kind === undefined) return failure(encoding, 404, `Exports go to ${[...signals.keys()].join(' and ')}`);
    if (request.method !== 'POST') return withHeaders(failure(encoding, 405, 'Use POST'), { allow: 'POST' });
    if (encoding === undefined)
      return failure(encoding, 415, 'The Content-Type must be application/x-protobuf or application/json');
    if (storage.trouble !== undefined) return unavailable(encoding, storage.trouble);
    const body = await request.body();
    const taken = await next(() => take(body, encoding, kind, signal));
    if (!(taken instanceof Intake)) return taken;
    try {
      await storage.written();
    } catch (error) {
      return unavailable(encoding, describeError(error));
    }
    return success(encoding, kind.counted, taken.rejected, taken.message);
  };

  /** Adds all points of a request that is understood, and none of another one. */
  async function take(
    body: Buffer,
    encoding: Encoding,
    kind: Signal,
    signal: AbortSignal,
  ): Promise<Intake | HttpReply> {
    const intake = new Intake(most);
    try {
      await inTurns(kind.take(new Decoder(ITEMS_PER_POINT * most), messageOf(body, encoding), intake), signal);
    } catch (error) {
      signal.throwIfAborted();
      const status = error instanceof RangeError ? 413 : 400;
      return failure(encoding, status, `The request is not understood: ${describeError(error)}`);
    }
    // Requests before this one may have filled the journal.
    if (storage.trouble !== undefined) return unavailable(encoding, storage.trouble);
    for (const { name, tags, fields, time } of intake.points)
      acc.add(name, Object.fromEntries(fields), Object.fromEntries(tags), time);
    return intake;
  }
}

function messageOf(body: Buffer, encoding: Encoding): Raw {
  if (encoding === 'protobuf') return body;
  const value = jsonOf(body.toString());
  if (!isObject(value)) throw new Error('the body is no JSON object');
  return value;
}

function unavailable(encoding: Encoding, trouble: string): HttpReply {
  return withHeaders(failure(encoding, 503, `${trouble}; try again`), RETRY_AFTER);
}

function withHeaders(reply: HttpReply, headers: Readonly<Record<string, string>>): HttpReply {
  return { ...reply, headers: { ...reply.headers, ...headers } };
}
