/** What a scraper gets. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import type { HttpReply, ReceivedRequest } from '../../plugin/index.ts';

import { EXPOSITION_TYPES, type Exposition } from './exposition.ts';
import { acceptsGzip, chooseFormat } from './negotiate.ts';

const compress = promisify(gzip);

export interface AnswerSettings {
  readonly path: string;
  readonly metrics: (format: Exposition) => string;
}

export async function answer(request: ReceivedRequest, { path, metrics }: AnswerSettings): Promise<HttpReply> {
  if (request.path !== path) return refusal(404, `The metrics are at ${path}`);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'Use GET', { allow: 'GET, HEAD' });
  const format = chooseFormat(request.header('accept'));
  const plain = { 'content-type': EXPOSITION_TYPES[format], vary: 'accept, accept-encoding' };
  const text = metrics(format);
  if (!acceptsGzip(request.header('accept-encoding'))) return { status: 200, headers: plain, body: text };
  // Level 1: higher levels save too few bytes for the CPU time they take.
  const body = await compress(text, { level: 1 });
  return { status: 200, headers: { ...plain, 'content-encoding': 'gzip' }, body };
}

function refusal(status: number, text: string, headers: HttpReply['headers'] = {}): HttpReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: `${text}\n` };
}
