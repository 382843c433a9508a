/** Who speaks: nonces, which a host signs, and the tokens that it gets for them. In memory: after a restart everybody signs again. */
import type { Clock } from '../core/clock.ts';

import { hashOf, randomToken } from './secrets.ts';

/** A nonce is signed within this time. ms. */
const NONCE_MS = 60_000;
/** More are asked for only by somebody who does not sign them. */
const MOST_NONCES = 5000;

interface Session {
  readonly host: string;
  readonly start: string;
}

export class Sessions {
  readonly #clock: Clock;
  /** Nonce → host and time on the clock's `elapsed`, the oldest first. */
  readonly #nonces = new Map<string, { readonly host: string; readonly at: number }>();
  readonly #byHash = new Map<string, Session>();
  readonly #hashOfHost = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nonce(host: string): string {
    const [oldest] = this.#nonces.keys();
    if (this.#nonces.size >= MOST_NONCES && oldest !== undefined) this.#nonces.delete(oldest);
    const nonce = randomToken();
    this.#nonces.set(nonce, { host, at: this.#clock.elapsed() });
    return nonce;
  }

  /** Each nonce is good for one answer. */
  redeem(nonce: string, host: string): boolean {
    const made = this.#nonces.get(nonce);
    this.#nonces.delete(nonce);
    return made?.host === host && this.#clock.elapsed() - made.at < NONCE_MS;
  }

  /** Ends the session that the host had. @returns the token */
  open(host: string, start: string): string {
    this.end(host);
    const token = randomToken();
    const hash = hashOf(token);
    this.#byHash.set(hash, { host, start });
    this.#hashOfHost.set(host, hash);
    return token;
  }

  /** Looked up by its hash, so that the time of the comparison says nothing about the token. */
  find(token: string): Session | undefined {
    return this.#byHash.get(hashOf(token));
  }

  end(host: string): void {
    const hash = this.#hashOfHost.get(host);
    if (hash !== undefined) this.#byHash.delete(hash);
    this.#hashOfHost.delete(host);
  }
}
