/** The embedded history: takes samples, stores them by the hour, answers queries. */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { describeStoreError } from '../host/sqlite/sqlite-error.ts';
import type { Driver } from '../host/sqlite/driver.ts';
import type { Metric } from '../metric/metric.ts';
import { Head } from './head.ts';
import { runQuery, type Query, type QueryAnswer } from './query.ts';
import { keyOf, type SeriesSet } from './series-set.ts';
import { DEFAULT_SET_LIMITS, SetLimit, type SetLimits } from './set-limit.ts';
import { toMs } from './spans.ts';
import type { HistoryDatabase } from './store/database.ts';
import { mergeHour } from './store/merge.ts';
import { isCorrupt, openHistoryDatabase, setAside } from './store/open.ts';
import { DEFAULT_RETENTION, pruneStep, type Retention } from './store/retention.ts';

export interface HistoryOptions {
  /** Of `history.db`; its folder is created if it is missing. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly retention?: Retention;
  readonly limits?: SetLimits;
  /** Loads the SQLite package. */
  readonly driver?: () => Driver;
}

export class History {
  readonly #options: HistoryOptions;
  readonly #head: Head;
  readonly #limit: SetLimit;
  #database: HistoryDatabase;
  /** Of the database. */
  #closedBefore: number;
  #hasLoggedCorrupt = false;
  #refused = 0;
  #tooOld = 0;

  /** @throws NewerHistoryError, or if the file cannot be opened. A damaged file is set aside. */
  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#database = openHistoryDatabase(options);
    this.#closedBefore = this.#database.closedBefore;
    this.#limit = new SetLimit(options.limits ?? DEFAULT_SET_LIMITS, (host) => {
      options.log.warn('Too many series for the history; new ones are not kept', { host });
    });
    for (const set of this.#database.sets()) this.#limit.admits(set.host, keyOf(set));
    this.#head = new Head(this.#limit);
  }

  /** Samples of series sets beyond the limits, since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Samples older than the raw retention, since the start. */
  get tooOld(): number {
    return this.#tooOld;
  }

  /** Memory of samples that are not stored, bytes. */
  get headBytes(): number {
    return this.#head.bytes;
  }

  /** Keeps a sample in memory until it is sealed. */
  add(metric: Metric, host = ''): void {
    if (toMs(metric.time) < this.#closedBefore) this.#tooOld += 1;
    else if (!this.#head.add(metric, host)) this.#refused += 1;
  }

  /**
   * Stores the samples of hours that begin before a time; what fails is kept.
   *
   * @param before ms since the Unix epoch; Infinity for all
   * @returns a generator that yields after each set
   * @throws the errors of SQLite
   */
  *seal(before: number): Generator<undefined, void> {
    for (const { set, samples } of this.#head.drain(before)) {
      this.#guarded((database) => {
        if (toMs(samples.times[0] ?? 0n) < database.closedBefore) {
          this.#tooOld += samples.times.length;
          return;
        }
        database.transaction(() => {
          mergeHour({ database, set: database.setId(set), onCorrupt: this.#onCorrupt }, samples);
        });
      });
      yield undefined;
    }
  }

  /** Series sets, on disk and in memory. */
  sets(): readonly SeriesSet[] {
    const all = [...this.#database.sets().map(({ host, name, tags }) => ({ host, name, tags })), ...this.#head.sets()];
    return [...new Map(all.map((set) => [keyOf(set), set])).values()];
  }

  /** @throws RangeError for a range that is empty or has too many buckets */
  query(set: SeriesSet, query: Query): QueryAnswer {
    return this.#guarded((database) =>
      runQuery(
        { database, set: database.findSet(set), head: this.#head.hoursOf(set), onCorrupt: this.#onCorrupt },
        query,
      ),
    );
  }

  /** One step of the retention. @returns true if there is more to delete */
  prune(): boolean {
    const { retention = DEFAULT_RETENTION, clock } = this.#options;
    const isMore = this.#guarded((database) => pruneStep(database, retention, clock.now()));
    this.#closedBefore = this.#database.closedBefore;
    return isMore;
  }

  /** Forgets all samples of a host, in steps. */
  *forgetHost(host: string): Generator<undefined, void> {
    this.#head.forgetHost(host);
    const step = () => this.#guarded((database) => database.transaction(() => database.forgetHost(host, FORGET_STEP)));
    while (step() === FORGET_STEP) yield undefined;
    this.#limit.forgetHost(host);
  }

  /** Does not seal. */
  close(): void {
    this.#database.close();
  }

  readonly #onCorrupt = (error: Error): void => {
    if (!this.#hasLoggedCorrupt) this.#options.log.warn(error.message);
    this.#hasLoggedCorrupt = true;
  };

  /** A file that turns out to be damaged is set aside, and the work is done on a new one. */
  #guarded<Result>(work: (database: HistoryDatabase) => Result): Result {
    try {
      return work(this.#database);
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      this.#options.log.warn(`The history is damaged: ${describeStoreError(error)}`);
      this.#database = setAside(this.#database, this.#options);
      return work(this.#database);
    }
  }
}

/** Maximum blocks deleted at a time. */
const FORGET_STEP = 64;
