/** Tokens in the addresses that the agent prints: 256 bits, good for one session within 15 minutes. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Clock } from '../../core/clock.ts';

const TOKEN_BYTES = 32;
export const TOKEN_VALID_MS = 15 * 60_000;
/** The newest stay valid: `healthd status` makes one each time. */
const MAX_TOKENS = 8;

interface Issued {
  readonly digest: Buffer;
  /** By the clock's `elapsed`. */
  readonly until: number;
}

export class OneTimeTokens {
  readonly #clock: Clock;
  #issued: readonly Issued[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the token, base64url */
  issue(): string {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const until = this.#clock.elapsed() + TOKEN_VALID_MS;
    this.#issued = [...this.#issued, { digest: digest(token), until }].slice(-MAX_TOKENS);
    return token;
  }

  /** Uses a token up. @returns whether it was valid */
  redeem(token: string): boolean {
    const now = this.#clock.elapsed();
    const given = digest(token);
    const match = this.#issued.find(({ digest: known, until }) => timingSafeEqual(known, given) && until > now);
    this.#issued = this.#issued.filter((each) => each !== match && each.until > now);
    return match !== undefined;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
