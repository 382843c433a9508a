/**
 * Slows down guessing. After a few failures an address has to wait, twice as long after each further one; all addresses together
 * may fail once a second. Callers with a session, and one-time tokens, are not concerned, so nobody locks the owner out.
 */
import { isIPv6 } from 'node:net';

import type { Clock } from '../../core/clock.ts';
import { TokenBucket } from '../../core/token-bucket.ts';

import { HttpError } from '../http-error.ts';

const FREE_FAILURES = 5;
const LONGEST_WAIT_MS = 15 * 60_000;
/** Failures of all addresses: at a rate, with a reserve. */
const PER_SECOND = 1;
const RESERVE = 20;
/** Addresses that are remembered. */
const MAX_ADDRESSES = 1000;

interface Failures {
  count: number;
  /** By the clock's `elapsed`. */
  waitsUntil: number;
}

export class Throttle {
  readonly #clock: Clock;
  readonly #all: TokenBucket;
  /** The one that failed last is last. */
  readonly #addresses = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#all = new TokenBucket(PER_SECOND, clock.elapsed(), RESERVE);
  }

  /** Counts the attempt as a failure until `succeeded` says otherwise, so that many at a time are counted too. @throws HttpError 429 */
  attempt(address: string): void {
    const now = this.#clock.elapsed();
    const network = networkOf(address);
    const failures = this.#addresses.get(network) ?? { count: 0, waitsUntil: 0 };
    const wait = Math.max(failures.waitsUntil - now, this.#all.waitMs(now));
    if (wait > 0) {
      const seconds = Math.ceil(wait / 1000);
      throw new HttpError(429, `Too many wrong sign-ins; try again in ${seconds} s`, { 'retry-after': `${seconds}` });
    }
    this.#all.take(1, now);
    failures.count += 1;
    const beyond = failures.count - FREE_FAILURES;
    if (beyond >= 0) failures.waitsUntil = now + Math.min(1000 * 2 ** Math.min(beyond, 20), LONGEST_WAIT_MS);
    this.#addresses.delete(network);
    this.#addresses.set(network, failures);
    const [oldest] = this.#addresses.keys();
    if (this.#addresses.size > MAX_ADDRESSES && oldest !== undefined) this.#addresses.delete(oldest);
  }

  succeeded(address: string): void {
    this.#addresses.delete(networkOf(address));
    this.#all.take(-1, this.#clock.elapsed());
  }
}

/** Of IPv6 the first 64 bits, which one machine has to itself. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter((part) => part !== '');
  const right = (tail ?? '').split(':').filter((part) => part !== '');
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
