/** HTTP for plugins that send messages: no redirects, bounded answers, errors without secrets. */
import { describeError, RetryableError } from '../core/errors.ts';
import type { HttpClient } from '../plugin.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

export function createHttpClient(): HttpClient {
  return async ({ url, method = 'POST', headers = {}, body }, signal) => {
    try {
      const answer = await fetch(url, { method, headers, body: body ?? null, signal, redirect: 'manual' });
      return { status: answer.status, headers: new Map(answer.headers), body: await firstBytes(answer) };
    } catch (error) {
      throw new RetryableError(`${new URL(url).host}: ${describeError(error)}`, { cause: error });
    }
  };
}

async function firstBytes(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
}
