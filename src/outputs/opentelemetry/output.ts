import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { PartialWriteError, redactor, type Output, type PluginContext } from '../../plugin/index.ts';

import type { Options } from './options.ts';
import { isLogRecord, logsRequest } from './logs.ts';
import { metricsRequest } from './metrics.ts';
import type { ExportRequest } from './request.ts';
import { protobufOf } from './protobuf.ts';
import { PROTOBUF, verdict, type PartialSuccess } from './verdict.ts';

const compress = promisify(gzip);

/** @throws if a certificate cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  const { headers, compression, encoding, attributes, logs_url } = options;
  const { http, log, clock, describe } = context;
  const metricsUrl = options.url === false ? undefined : withPath(options.url, '/v1/metrics');
  const logsUrl = logs_url === undefined ? undefined : withPath(logs_url, '/v1/logs');
  const redact = redactor(secretsOf(headers));
  const tls = await context.readTls(options.tls);

  async function post(url: string, request: object, signal: AbortSignal): Promise<PartialSuccess> {
    const isBinary = encoding === 'protobuf';
    const plain = isBinary ? protobufOf(request) : JSON.stringify(request);
    const body = compression === 'gzip' ? await compress(plain) : plain;
    signal.throwIfAborted();
    const sentHeaders = {
      ...headers,
      'content-type': isBinary ? PROTOBUF : 'application/json',
      ...(compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
    };
    const sent = { url, headers: sentHeaders, body, tls, proxy: options.proxy };
    const answer = await http(isBinary ? { ...sent, answerCharset: 'latin1' } : sent, signal);
    return verdict(answer, { origin: new URL(url).origin, now: clock.now(), redact });
  }

  /** @returns the permanently rejected lines, as far as they are known */
  async function send(
    url: string | undefined,
    request: ExportRequest,
    signal: AbortSignal,
  ): Promise<readonly Rejection[]> {
    if (url === undefined || request.size === 0) return [];
    const { rejected, message } = await post(url, request.body, signal);
    const { origin } = new URL(url);
    if (rejected >= request.size) return [{ lines: request.lines, reason: `${origin}: ${message}` }];
    // A partial success does not identify the rejected ones, and the specification forbids a retry.
    if (rejected > 0)
      log.warn('The server rejected some data points or log records', {
        url: origin,
        rejected,
        of: request.size,
        message,
      });
    else if (message !== '') log.warn('The server accepted everything, with a warning', { url: origin, message });
    return [];
  }

  return {
    async connect(signal) {
      if (metricsUrl !== undefined) await post(metricsUrl, { resourceMetrics: [] }, signal);
      if (logsUrl !== undefined) await post(logsUrl, { resourceLogs: [] }, signal);
    },
    async write(batch, signal) {
      signal.throwIfAborted();
      const items = [...batch.metrics()].map((metric, line) => ({ metric, line }));
      const records = items.filter(({ metric }) => isLogRecord(metric));
      const metrics = items.filter(({ metric }) => !isLogRecord(metric));
      const rejections = [
        ...(await send(metricsUrl, metricsRequest(metrics, { describe, attributes }), signal)),
        ...(await send(logsUrl, logsRequest(records, attributes), signal)),
      ];
      if (rejections.length > 0) throw partialWrite(rejections);
    },
  };
}

interface Rejection {
  readonly lines: readonly number[];
  readonly reason: string;
}

function partialWrite(rejections: readonly Rejection[]): PartialWriteError {
  const reasonOf = new Map(rejections.flatMap(({ lines, reason }) => lines.map((line) => [line, reason])));
  const lines = [...reasonOf.keys()].sort((a, b) => a - b);
  const all = rejections.map(({ reason }) => reason).join('; ');
  return new PartialWriteError(`${lines.length} of the lines were permanently rejected: ${all}`, lines, {
    reasons: lines.map((line) => reasonOf.get(line) ?? all),
  });
}

function withPath(text: string, path: string): string {
  const url = new URL(text);
  if (url.pathname === '/') url.pathname = path;
  return url.href;
}

/** Longer than any name of an authentication scheme such as `Bearer`. Characters. */
const MIN_SECRET_WORD = 7;

/** By word, since a header may be "Bearer <token>". */
function secretsOf(headers: Options['headers']): readonly string[] {
  return Object.values(headers)
    .flatMap((value) => value.split(/\s+/))
    .filter(({ length }) => length >= MIN_SECRET_WORD);
}
