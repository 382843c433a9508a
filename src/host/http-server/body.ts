/** Bodies of requests: bounded each, and all of a listener together. */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';

import { errorCode } from '../../core/errors.ts';

import { Refused } from './refused.ts';

const DECODERS = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate) };

/** Line protocol inflates to some eight times its size. One piece of that size takes less time than many that are joined. Bytes. */
const PIECE = { ratio: 8, least: 16 * 1024, most: 1024 * 1024 };

/** Bytes that a listener holds, as a multiple of its largest body. */
const BODIES = 4;

/** The bytes of all bodies that a listener is reading or working on. */
export class BodyBudget {
  /** Maximum bytes of one body. */
  readonly most: number;
  #held = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** @throws Refused 503 */
  take(bytes: number): void {
    if (this.#held + bytes > BODIES * this.most)
      throw new Refused(503, 'Too many requests at a time; try again', { 'retry-after': '1' });
    this.#held += bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

/** The body of one request, counted until `release`. */
export class Body {
  readonly #request: IncomingMessage;
  readonly #budget: BodyBudget;
  #held = 0;

  constructor(request: IncomingMessage, budget: BodyBudget) {
    this.#request = request;
    this.#budget = budget;
  }

  /**
   * @param encodings that are left as they are
   * @throws Refused 400, 413, 415 or 503; the error of the connection
   */
  async read(encodings: readonly string[]): Promise<Buffer> {
    const encoding = this.#encoding(encodings);
    const bytes = await this.#received();
    const decode = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding as keyof typeof DECODERS] : undefined;
    if (decode === undefined) return bytes;
    try {
      const decoded = await decode(bytes, { maxOutputLength: this.#budget.most, chunkSize: pieceOf(bytes.length) });
      this.#hold(decoded.length);
      return decoded;
    } catch (error) {
      if (error instanceof Refused) throw error;
      if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE') throw this.#tooLarge();
      throw new Refused(400, `The body is not valid ${encoding}`);
    }
  }

  release(): void {
    this.#budget.give(this.#held);
    this.#held = 0;
  }

  #encoding(others: readonly string[]): string {
    const given = this.#request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
    const known = ['identity', ...Object.keys(DECODERS), ...others];
    if (known.includes(given)) return given;
    throw new Refused(415, `The encoding of the body is not one of ${known.join(', ')}`);
  }

  async #received(): Promise<Buffer> {
    const request = this.#request;
    if (Number(request.headers['content-length'] ?? 0) > this.#budget.most) throw this.#tooLarge();
    const chunks: Buffer[] = [];
    // A refusal is answered, so it must not destroy the connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      if (this.#held + chunk.length > this.#budget.most) throw this.#tooLarge();
      this.#hold(chunk.length);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  #hold(bytes: number): void {
    this.#budget.take(bytes);
    this.#held += bytes;
  }

  #tooLarge(): Refused {
    const { most } = this.#budget;
    return new Refused(413, `The body is larger than ${most} bytes, as sent or inflated; send smaller batches`);
  }
}

function pieceOf(compressed: number): number {
  return Math.min(PIECE.most, Math.max(PIECE.least, PIECE.ratio * compressed));
}
