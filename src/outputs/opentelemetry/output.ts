import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { PartialWriteError, type Output, type PluginContext } from '../../plugin.ts';

import type { Options } from './index.ts';
import { exportRequest, type ExportRequest } from './request.ts';
import { verdict, type PartialSuccess } from './verdict.ts';

const compress = promisify(gzip);

/** @throws if a certificate cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  const { headers, compression, attributes } = options;
  const { http, log, clock, describe } = context;
  const url = metricsUrl(options.url);
  const { origin } = new URL(url);
  const hide = hider(headers);
  const tls = await context.readTls(options.tls);

  async function post({ body }: Pick<ExportRequest, 'body'>, signal: AbortSignal): Promise<PartialSuccess> {
    const encoding = compression === 'gzip' ? { 'content-encoding': 'gzip' } : {};
    const bytes = compression === 'gzip' ? await compress(body) : body;
    const all = { ...headers, 'content-type': 'application/json', ...encoding };
    signal.throwIfAborted();
    const answer = await http({ url, headers: all, body: bytes, tls }, signal);
    return verdict({ ...answer, body: hide(answer.body) }, { origin, now: clock.now() });
  }

  return {
    async connect(signal) {
      await post({ body: '{"resourceMetrics":[]}' }, signal);
    },
    async write(batch, signal) {
      signal.throwIfAborted();
      const request = exportRequest(batch.metrics(), { describe, attributes });
      if (request.points === 0) return;
      const { rejected, message } = await post(request, signal);
      if (rejected >= request.points) throw new PartialWriteError(`${origin} rejected all: ${message}`, request.lines);
      // Which ones is not said, and the specification forbids to send any of them again.
      if (rejected > 0) log.warn('Data points were rejected', { url: origin, rejected, of: request.points, message });
      else if (message !== '') log.warn('The server took the data points, and says', { url: origin, message });
    },
  };
}

function metricsUrl(text: string): string {
  const url = new URL(text);
  if (url.pathname === '/') url.pathname = '/v1/metrics';
  return url.href;
}

/** Shorter words are no secrets, and would blot out parts of ordinary text. */
const SHORTEST_SECRET = 6;

/** Servers repeat what they were sent; a header may hold a key beside words such as "Bearer". */
function hider(headers: Options['headers']): (text: string) => string {
  const secrets = Object.values(headers)
    .flatMap((value) => value.split(/\s+/))
    .filter(({ length }) => length > SHORTEST_SECRET);
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}
