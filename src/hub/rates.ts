/**
 * How many lines the hub takes of one host: what comes faster is put off, and stays in the journal of the host. Catching up after an
 * outage is put off as well, which is no trouble; a host that makes more lines than the hub takes never catches up.
 */
import type { Clock } from '../core/clock.ts';
import { TokenBucket } from '../core/token-bucket.ts';

import type { HostRecord } from './records.ts';
import type { HubSettings } from './settings.ts';

/** Seconds of the rate that a host may send at once, after a pause. */
export const BURST_S = 10;
/** Over so long it is measured how many lines a host makes. ms. */
const MEASURED_MS = 30_000;
const SECOND = 1000;

interface Kept {
  readonly rate: number;
  readonly bucket: TokenBucket;
  /** Number of its next line at a time, on the clock's `elapsed`. */
  from: { readonly line: number; readonly at: number } | undefined;
}

export interface RatesOptions {
  readonly settings: () => Pick<HubSettings, 'lines_per_second'>;
  readonly clock: Pick<Clock, 'elapsed'>;
}

export class Rates {
  readonly #options: RatesOptions;
  /** Goes with the host. */
  readonly #of = new WeakMap<HostRecord, Kept>();

  constructor(options: RatesOptions) {
    this.#options = options;
  }

  /** Until lines of the host are taken again. ms. */
  waitMs(host: HostRecord): number {
    return this.#kept(host).bucket.waitMs(this.#options.clock.elapsed());
  }

  took(host: HostRecord, lines: number): void {
    this.#kept(host).bucket.take(lines, this.#options.clock.elapsed());
  }

  /**
   * @param nextLine number of the next line of its journal
   * @returns lines per second that the host makes and that the hub takes, if the host makes more
   */
  made(host: HostRecord, nextLine: number): { readonly perSecond: number; readonly most: number } | undefined {
    const kept = this.#kept(host);
    const at = this.#options.clock.elapsed();
    // Another journal begins again.
    const from = kept.from !== undefined && nextLine >= kept.from.line ? kept.from : undefined;
    if (from !== undefined && at - from.at < MEASURED_MS) return undefined;
    kept.from = { line: nextLine, at };
    if (from === undefined) return undefined;
    const perSecond = ((nextLine - from.line) / (at - from.at)) * SECOND;
    return perSecond > kept.rate ? { perSecond, most: kept.rate } : undefined;
  }

  #kept(host: HostRecord): Kept {
    const known = this.#of.get(host);
    const { lines_per_second: rate } = this.#options.settings();
    if (known?.rate === rate) return known;
    const bucket = new TokenBucket(rate, this.#options.clock.elapsed(), rate * BURST_S);
    const made: Kept = { rate, bucket, from: known?.from };
    this.#of.set(host, made);
    return made;
  }
}
