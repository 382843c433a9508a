/** Answers writes as the specification of remote write 1.0 wants it. A write is confirmed when its samples are in the journal. */
import {
  describeError,
  inTurns,
  oneAtATime,
  type HttpReply,
  type ListenOptions,
  type PluginContext,
} from '../../plugin/index.ts';
import { pointsOf, type Point } from '../exposition-points.ts';

import type { Options } from './options.ts';
import { decodeWriteRequest } from './write-request.ts';

/** Prometheus sends again after 5xx, and drops the samples after 4xx. */
const RETRY_AFTER = { 'retry-after': '10' };

/** Of remote write 2.0, whose clients send 1.0 after a 415. */
const VERSION_2 = /proto=io\.prometheus\.write\.v2/;

type Add = (tags: Point['tags'], fields: Point['fields'], time: bigint | undefined) => void;

export function createAnswer(options: Options, context: PluginContext, add: Add): ListenOptions['answer'] {
  const { path, max_samples: most, max_body_size: maxBytes } = options;
  const { storage } = context;
  const next = oneAtATime();
  return async (request, signal) => {
    if (request.path !== path) return text(404, `Writes go to ${path}`);
    if (request.method !== 'POST') return { ...text(405, 'Use POST'), headers: { allow: 'POST' } };
    if (VERSION_2.test(request.header('content-type') ?? '')) return text(415, 'Only remote write 1.0 is understood');
    if (storage.trouble !== undefined) return unavailable(storage.trouble);
    const body = await request.body('snappy');
    if (request.header('content-encoding')?.toLowerCase() !== 'snappy')
      return text(415, 'The body must be compressed with snappy');
    const problem = await next(() => take(body, signal));
    if (problem !== undefined) return problem;
    try {
      await storage.written();
    } catch (error) {
      return unavailable(describeError(error));
    }
    return { status: 204 };
  };

  async function take(body: Buffer, signal: AbortSignal): Promise<HttpReply | undefined> {
    const { default: snappy } = await import('snappyjs');
    try {
      const bytes = snappy.uncompress(body, maxBytes);
      const samples = await inTurns(decodeWriteRequest(bytes, most), signal);
      const points = await inTurns(pointsOf({ samples, types: new Map() }, false), signal);
      // Requests before this one may have filled the journal.
      if (storage.trouble !== undefined) return unavailable(storage.trouble);
      for (const { tags, fields, time } of points) add(tags, fields, time);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      const isTooLarge = error instanceof RangeError;
      return text(isTooLarge ? 413 : 400, `The request is not understood: ${describeError(error)}`);
    }
  }
}

function unavailable(trouble: string): HttpReply {
  const reply = text(503, `${trouble}; try again`);
  return { ...reply, headers: { ...reply.headers, ...RETRY_AFTER } };
}

function text(status: number, words: string): HttpReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `${words}\n` };
}
