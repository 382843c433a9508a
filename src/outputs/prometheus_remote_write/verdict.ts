/** Maps a response to an error for the host. */
import { isWebPage, PermanentError, type HttpAnswer } from '../../plugin/index.ts';
import type { HttpDestination } from '../http-destination.ts';

import { OutOfBoundsError } from './too-old.ts';

/** @returns undefined if the samples are stored */
export function verdict(answer: HttpAnswer, destination: HttpDestination): Error | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    if (!isWebPage(answer)) return undefined;
    return destination.retry(
      answer,
      `answered with a web page (${status}), so it has no remote write endpoint at this path; correct url`,
    );
  }
  const text = `${destination.where} permanently rejected samples (${status})${destination.quote(answer.body)}`;
  if (isTooOld(answer)) return new OutOfBoundsError(text);
  if (isRefusal(answer)) return destination.foreignRefusal(answer) ?? new PermanentError(text);
  const advice = ADVICE[status] ?? `answered ${status} to remote write; check url`;
  return destination.refusal(answer) ?? destination.retry(answer, advice);
}

/**
 * Whether the samples themselves are rejected: too old, out of order, another value for the same time, labels beyond a
 * limit. Prometheus and Mimir answer 400, Thanos 409, others 422.
 */
function isRefusal({ status, body }: HttpAnswer): boolean {
  // A server that cannot decode the request answers 400 too, which is not the fault of the samples.
  return (status === 400 && !isDecodingError(body)) || status === 409 || status === 422;
}

/** Matches only Prometheus: other servers store the valid samples. Newer versions also answer this for the future. */
function isTooOld({ status, body }: HttpAnswer): boolean {
  return status === 400 && body.trim() === 'out of bounds';
}

function isDecodingError(body: string): boolean {
  return /snappy|proto\b|protobuf|unmarshal|decod|decompress/i.test(withoutSeries(body));
}

/** Removes quoted series, such as `video_decoded{proto="tcp"}`, whose words say nothing about the request. */
function withoutSeries(body: string): string {
  return body.replace(/"[^"]*"/g, '').replace(/(?<![\w:.])[\w:.]*\{[^{}]*\}/g, '');
}

const ADVICE: Readonly<Record<number, string>> = {
  405: 'does not accept remote write at this path (405); correct url',
  415: 'does not support remote write 1.0 (415)',
};
