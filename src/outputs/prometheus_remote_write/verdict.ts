/** What an answer means for the batch. */
import { PermanentError, type HttpAnswer } from '../../plugin/index.ts';
import { isWebPage, type HttpDestination } from '../http-destination.ts';

import { OutOfBoundsError } from './too-old.ts';

/** @returns undefined for "stored" */
export function verdict(answer: HttpAnswer, destination: HttpDestination): Error | undefined {
  const { status, body } = answer;
  if (status >= 200 && status < 300) {
    if (!isWebPage(body)) return undefined;
    return destination.retry(
      answer,
      `answered with a web page (${status}), so it takes no remote write there; correct url`,
    );
  }
  const text = `${destination.where} refused samples for good (${status})${destination.quote(body)}`;
  if (isTooOld(answer)) return new OutOfBoundsError(text);
  if (isRefusal(answer)) return new PermanentError(text);
  const advice = ADVICE[status] ?? `answered ${status} to remote write; check url`;
  return destination.refusal(answer) ?? destination.retry(answer, advice);
}

/**
 * Whether it is these samples that will never be taken: too old, out of order, another value for the same time, labels
 * beyond a limit. Prometheus and Mimir say 400, Thanos 409, others 422.
 */
function isRefusal({ status, body }: HttpAnswer): boolean {
  // Who cannot read the request at all says 400 too; that is no fault of the samples.
  return (status === 400 && !isUnread(body)) || status === 409 || status === 422;
}

/** In the words of Prometheus alone: others take what they can of a request. Newer versions say it of the future too. */
function isTooOld({ status, body }: HttpAnswer): boolean {
  return status === 400 && body.trim() === 'out of bounds';
}

function isUnread(body: string): boolean {
  return /snappy|proto\b|protobuf|unmarshal|decod|decompress|<html/i.test(withoutSeries(body));
}

/** Who refuses a sample quotes its series, such as `video_decoded{proto="tcp"}`, whose words say nothing of the request. */
function withoutSeries(body: string): string {
  return body.replace(/"[^"]*"/g, '').replace(/(?<![\w:.])[\w:.]*\{[^{}]*\}/g, '');
}

const ADVICE: Readonly<Record<number, string>> = {
  405: 'takes no remote write at this path (405); correct url',
  415: 'speaks another version of remote write than 1.0 (415)',
};
