import {
  compileGlobs,
  isWebPage,
  PartialWriteError,
  PermanentError,
  TooLargeError,
  type HttpAnswer,
  type Output,
  type PluginContext,
} from '../../plugin/index.ts';
import { encodeBody, HttpDestination } from '../http-destination.ts';

import type { Options } from './options.ts';
import { streamsOf, type PlacedStream, type Stream } from './streams.ts';

const PATH = '/loki/api/v1/push';

/** @throws if a certificate or key cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  const { tenant, headers, content_encoding } = options;
  const destination = new HttpDestination(
    {
      url: options.url,
      credentials: tenant === undefined ? options : { ...options, headers: { ...headers, 'x-scope-orgid': tenant } },
      tls: await context.readTls(options.tls),
      proxy: options.proxy,
      credentialOptions: 'username and password, bearer_token or tenant',
      notFound: 'has no Loki push API; check url',
    },
    context,
  );
  const settings = {
    isLabel: compileGlobs(options.labels),
    staticLabels: options.static_labels,
    hasMetadata: options.structured_metadata,
  };
  const push = async (streams: readonly Stream[], signal: AbortSignal) => {
    const text = JSON.stringify({ streams: streams.map(({ stream, values }) => ({ stream, values })) });
    const encoded = await encodeBody(text, content_encoding);
    const sent = { 'content-type': 'application/json', ...encoded.headers };
    const failure = verdict(
      await destination.send({ path: PATH, body: encoded.body, headers: sent }, signal),
      destination,
    );
    if (failure !== undefined) throw failure;
  };
  return {
    async connect(signal) {
      try {
        await push([], signal);
      } catch (error) {
        // Loki checks the streams last: an error about missing streams means that credentials and tenant are right.
        if (!(error instanceof PermanentError)) throw error;
      }
    },
    async write(batch, signal) {
      signal.throwIfAborted();
      const streams = streamsOf(batch.metrics(), settings);
      try {
        await push(streams, signal);
      } catch (error) {
        if (!(error instanceof StreamLimitError)) throw error;
        await pushEach(streams, error, (some) => push(some, signal));
      }
    },
  };
}

/** Loki accepts no new streams; those that it has go on. */
class StreamLimitError extends PermanentError {}

/** Beyond it the host halves the batch first. */
const MOST_STREAMS = 100;

/**
 * Sends each stream alone, so that only those that Loki does not have yet are refused.
 *
 * @throws PartialWriteError with their lines
 */
async function pushEach(
  streams: readonly PlacedStream[],
  limit: StreamLimitError,
  push: (streams: readonly Stream[]) => Promise<void>,
): Promise<void> {
  if (streams.length > MOST_STREAMS) throw limit;
  const refused: number[] = [];
  for (const each of streams) {
    try {
      await push([each]);
    } catch (error) {
      if (!(error instanceof StreamLimitError)) throw error;
      for (const position of each.positions) refused.push(position);
    }
  }
  if (refused.length > 0)
    throw new PartialWriteError(
      limit.message,
      refused.sort((a, b) => a - b),
    );
}

/** Errors about settings of healthd or Loki that have the status of rejected lines (400). */
const WRONG_SETTINGS: readonly (readonly [RegExp, string])[] = [
  [
    /structured metadata, but this feature is disallowed/,
    'does not accept structured metadata; set structured_metadata: false',
  ],
  [/missing required labels/, 'requires labels that are missing; add them to labels or static_labels'],
  [/ingestion blocked/, 'has blocked this tenant'],
];

/**
 * @returns undefined if everything is stored. Loki stores the valid lines of a request and rejects the rest, but does not
 *   reliably say which those are; so the host bisects the batch, and Loki deduplicates lines that it gets twice.
 */
export function verdict(answer: HttpAnswer, destination: HttpDestination): Error | undefined {
  const { status, body } = answer;
  // Some other servers with this API answer 200.
  if (status === 204 || (status === 200 && !isWebPage(answer))) return undefined;
  const advice = WRONG_SETTINGS.find(([text]) => text.test(body))?.[1];
  if (advice !== undefined) return destination.retry(answer, `${advice} (${status})`);
  return (
    refusal(answer, destination) ??
    destination.refusal(answer) ??
    destination.retry(answer, `answered ${status}, which Loki never does; check url`)
  );
}

/** The errors that the host does not answer by trying the same request again; undefined for all others. */
function refusal(answer: HttpAnswer, destination: HttpDestination): Error | undefined {
  const { status, body } = answer;
  if (status === 429 && /maximum active streams?/i.test(body)) {
    return new StreamLimitError(
      `${destination.where} accepts no more streams (429); use fewer tags in labels, or raise max_global_streams_per_user${destination.quote(body)}`,
    );
  }
  if (status === 400 || status === 422) {
    return (
      destination.foreignRefusal(answer) ??
      new PermanentError(`${destination.where} permanently rejected lines (${status})${destination.quote(body)}`)
    );
  }
  // Exceeding the limit of Loki's internal gRPC requests results in this error.
  if (status === 500 && /larger than max/.test(body)) {
    return new TooLargeError(
      `${destination.where} does not accept a request of this size (500)${destination.quote(body)}`,
    );
  }
  return undefined;
}
