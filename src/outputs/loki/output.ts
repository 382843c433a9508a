import {
  compileGlobs,
  PermanentError,
  TooLargeError,
  type HttpAnswer,
  type Metric,
  type Output,
  type PluginContext,
} from '../../plugin/index.ts';
import { encodeBody, HttpDestination, isWebPage } from '../http-destination.ts';

import type { Options } from './options.ts';
import { streamsOf } from './streams.ts';

const PATH = '/loki/api/v1/push';

/** @throws if a certificate or key cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  const { tenant, headers, content_encoding } = options;
  const destination = new HttpDestination(
    {
      url: options.url,
      credentials: tenant === undefined ? options : { ...options, headers: { ...headers, 'x-scope-orgid': tenant } },
      tls: await context.readTls(options.tls),
      credentialOptions: 'username and password, bearer_token or tenant',
      notFound: 'has no push API of Loki; check url',
    },
    context,
  );
  const settings = {
    isLabel: compileGlobs(options.labels),
    staticLabels: options.static_labels,
    hasMetadata: options.structured_metadata,
  };
  const push = async (metrics: Iterable<Metric>, signal: AbortSignal) => {
    const text = JSON.stringify({ streams: streamsOf(metrics, settings) });
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
        // Loki looks at the streams last. When it misses them it has accepted credentials and tenant.
        if (!(error instanceof PermanentError)) throw error;
      }
    },
    async write(batch, signal) {
      signal.throwIfAborted();
      await push(batch.metrics(), signal);
    },
  };
}

/** About a setting here or there, although the status (400) is that of lines which are refused. */
const WRONG_SETTINGS: readonly (readonly [RegExp, string])[] = [
  [
    /structured metadata, but this feature is disallowed/,
    'takes no structured metadata; set structured_metadata: false',
  ],
  [/missing required labels/, 'asks for labels that are not there; add them to labels or static_labels'],
  [/ingestion blocked/, 'has blocked this tenant'],
];

/**
 * @returns undefined if all is stored. Loki stores what is right even when it refuses the rest, and does not say reliably
 *   what that is; so the host finds out by halves, and what Loki gets twice it keeps once.
 */
export function verdict(answer: HttpAnswer, destination: HttpDestination): Error | undefined {
  const { status, body } = answer;
  // 200 is how some others say it that speak this API.
  if (status === 204 || (status === 200 && !isWebPage(body))) return undefined;
  const advice = WRONG_SETTINGS.find(([text]) => text.test(body))?.[1];
  if (advice !== undefined) return destination.retry(answer, `${advice} (${status})`);
  if (status === 400 || status === 422) {
    return new PermanentError(`${destination.where} refused lines for good (${status})${destination.quote(body)}`);
  }
  // Between the parts of Loki requests have a limit of their own, and this is how it looks from the outside.
  if (status === 500 && /larger than max/.test(body)) {
    return new TooLargeError(`${destination.where} cannot pass on a request of this size${destination.quote(body)}`);
  }
  return destination.refusal(answer) ?? destination.retry(answer, `answered ${status}, which Loki does not; check url`);
}
