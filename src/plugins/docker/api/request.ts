/**
 * Requests through the client's transport, with answers read here: the client would keep an answer of any size, and hands on
 * `null`, or what is not JSON, as a buffer.
 */
import type { IncomingMessage } from 'node:http';

import { jsonOf } from '../../../plugin/index.ts';

import { hideFromInspect } from './hide-from-inspect.ts';
import { AnswerError } from './request-error.ts';

/** The client's transport. Its higher-level methods do not pass on all parameters and signals that are needed here. */
export interface Modem {
  dial(request: object, callback: (error: Error | null, answer: unknown) => void): void;
}

export type Query = Readonly<Record<string, unknown>>;

/** Maximum size of a list, bytes. One of a thousand containers with many labels takes a few megabytes. */
export const MAX_LIST = 8 * 1024 * 1024;

/** Of what is about the daemon or one container. Bytes. */
export const MAX_OBJECT = 1024 * 1024;

/** Of an answer with an error status; what goes beyond is not read. Bytes. */
const MAX_REFUSAL = 64 * 1024;

/** For the client every status is a success, so that it hands on the stream of each answer. */
const ANY_STATUS = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [100 + index, true]));

/** The daemon answered with an HTTP error status. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly statusCode: number;
  /** Undefined if the body is not JSON. */
  readonly json: unknown;

  constructor(statusCode: number, json: unknown) {
    super(`HTTP ${statusCode}`);
    this.statusCode = statusCode;
    this.json = json;
  }
}

/** A path of the API with an id in it, escaped. Dots too: a client resolves `..`. */
export function pathWith(before: string, id: string, after: string): string {
  return `${before}${encodeURIComponent(id).replaceAll('.', '%2E')}${after}`;
}

/** @throws StatusError unless the status is 200 */
export async function open(modem: Modem, path: string, query: Query, signal: AbortSignal): Promise<IncomingMessage> {
  const answer = await dial(modem, path, query, signal);
  if (answer.statusCode === 200) return answer;
  const { body } = await firstBytes(answer, MAX_REFUSAL);
  throw new StatusError(answer.statusCode ?? 0, jsonOf(body));
}

/** @throws StatusError unless the status is 200; AnswerError if it is too large or is not JSON */
export async function get(
  modem: Modem,
  path: string,
  query: Query,
  most: number,
  signal: AbortSignal,
): Promise<unknown> {
  const { body, isCut } = await firstBytes(await open(modem, path, query, signal), most);
  if (isCut) throw new AnswerError(`the answer exceeds ${most} bytes`);
  const answer = jsonOf(body);
  if (answer === undefined) throw new AnswerError(`the answer is not JSON: ${JSON.stringify(body.slice(0, 80))}`);
  return answer;
}

function dial(modem: Modem, path: string, query: Query, abortSignal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = { path: `${path}?`, method: 'GET', options: { ...query }, statusCodes: ANY_STATUS, isStream: true };
    modem.dial({ ...request, abortSignal: hideFromInspect(abortSignal) }, (error, answer) => {
      if (error) reject(error);
      else resolve(answer as IncomingMessage);
    });
  });
}

/** The connection of a longer answer is closed. */
async function firstBytes(answer: IncomingMessage, most: number): Promise<{ body: string; isCut: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) break;
  }
  const isCut = size > most;
  return { body: Buffer.concat(chunks, isCut ? Math.min(most, MAX_REFUSAL) : size).toString('utf8'), isCut };
}
