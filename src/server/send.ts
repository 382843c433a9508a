/** Writes an answer, compressed if that saves something. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';

import type { Reply, ReplyHeaders } from './answer.ts';

/** Smaller answers fit into a packet or two as they are. */
const MIN_COMPRESSED = 2048;

/** @param headers of every answer */
export function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers: own, body }: Reply,
  headers: Readonly<Record<string, string>>,
): void {
  const all: Record<string, string | string[]> = { 'cache-control': 'no-store', ...headers, ...own };
  const write = (bytes: Uint8Array) => {
    if (response.destroyed) return;
    // What is left of the request is not read: a body that is refused must not be poured in to its end.
    if (!request.complete) all['connection'] = 'close';
    response.writeHead(status, { ...all, 'content-length': bytes.length });
    // For HEAD, Node omits the body.
    response.end(bytes);
  };
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (!isWorthIt(request, all, bytes)) {
    write(bytes);
    return;
  }
  // Level 1: higher levels save too few bytes for the CPU time they take.
  gzip(bytes, { level: 1 }, (error, compressed) => {
    all['vary'] = 'accept-encoding';
    if (error === null) all['content-encoding'] = 'gzip';
    write(error === null ? compressed : bytes);
  });
}

function isWorthIt({ headers }: IncomingMessage, own: ReplyHeaders, bytes: Uint8Array): boolean {
  if (bytes.length < MIN_COMPRESSED || own['content-encoding'] !== undefined) return false;
  if (!/json|text|javascript|svg/.test(String(own['content-type'] ?? ''))) return false;
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(headers['accept-encoding'] ?? '');
}
