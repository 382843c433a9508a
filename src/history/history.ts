/** The embedded history: takes samples, stores them by the hour, answers queries. */
import type { ProcessFrame } from '../host/processes/frame.ts';
import type { HistoryEvent, KnownHost } from './access.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Driver } from '../host/sqlite/driver.ts';
import type { Metric } from '../metric/metric.ts';
import { Head } from './head.ts';
import { KnownSets } from './known-sets.ts';
import type { Samples } from './samples.ts';
import { keyOf, type SeriesSet } from './series-set.ts';
import { DEFAULT_SET_LIMITS, SetLimit, type SetLimits } from './set-limit.ts';
import { HOUR_MS, SPAN_MS, startOf, toMs } from './spans.ts';
import { HistoryView } from './view.ts';
import type { HistoryDatabase } from './store/database.ts';
import { mergeHour, rollUpSpan } from './store/merge.ts';
import { isCorrupt, openHistoryDatabase, setAside } from './store/open.ts';
import { Aging, DEFAULT_RETENTION, pruneStep, type Retention } from './store/retention.ts';

export interface HistoryOptions {
  /** Of `history.db`; its folder is created if it is missing. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Default: 14 days, 400 days, 1 GiB. */
  readonly retention?: () => Retention;
  readonly limits?: SetLimits;
  /** Loads the SQLite package. */
  readonly driver?: () => Driver;
}

/** When the host was started. */
export interface Boot {
  /** Different for each; 0 if it is not known. */
  readonly number: number;
  /** ms since the Unix epoch; undefined if it is not known. */
  readonly at: number | undefined;
}

export class History {
  readonly #options: HistoryOptions;
  readonly #head: Head;
  readonly #limit: SetLimit;
  readonly #known = new KnownSets();
  #database: HistoryDatabase;
  /** Name of a host → its id. */
  #ids = new Map<string, string>();
  readonly #aging: Aging;
  /** Samples before this time, ms, are refused. */
  #closedBefore: number;
  #hasLoggedCorrupt = false;
  #refused = 0;
  #tooOld = 0;

  /** @throws NewerHistoryError, or if the file cannot be opened. A damaged file is set aside. */
  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#database = openHistoryDatabase({ ...options, onCorrupt: this.#onCorrupt });
    this.#aging = new Aging(options.clock);
    this.#closedBefore = this.#closed();
    this.#limit = new SetLimit(options.limits ?? DEFAULT_SET_LIMITS, (host) => {
      options.log.warn('Too many series for the history; new ones are not kept', { host });
    });
    this.#limit.keepOnly(this.#database.setKeys());
    this.#learnNames();
    this.#head = new Head(this.#limit);
  }

  /** Samples of series sets beyond the limits, since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Ids of hosts whose new sets are refused. */
  get crowded(): readonly string[] {
    return this.#limit.crowded;
  }

  /** Samples older than the raw retention, since the start. */
  get tooOld(): number {
    return this.#tooOld;
  }

  /** Memory of samples that are not stored, bytes. */
  get headBytes(): number {
    return this.#head.bytes;
  }

  /**
   * The value of the tag `host` of the agent's own metrics, which their sets do not have. The journal may still have lines
   * with the name before.
   */
  set ownName(name: string | undefined) {
    const before = this.#guarded((database) => database.ownName);
    this.#head.ownNames = new Set([name, before].filter((each) => each !== undefined));
    if (name !== before) {
      this.#guarded((database) => {
        database.ownName = name;
      });
    }
  }

  /**
   * Keeps a sample in memory until it is sealed.
   *
   * @param host default: the id of the host that its tag `host` names
   * @returns the start of the hour that it is in, ms; undefined if it is refused
   */
  add(metric: Metric, host = this.#idOf(metric)): number | undefined {
    if (toMs(metric.time) < this.#closedBefore) {
      this.#tooOld += 1;
      return undefined;
    }
    const hour = this.#head.add(metric, host);
    if (hour === undefined) this.#refused += 1;
    return hour;
  }

  /**
   * Stores samples; what fails is kept in memory.
   *
   * @param isWanted by the start of the hour, ms since the Unix epoch; default all
   * @returns a generator that yields after every few sets
   * @throws the errors of SQLite
   */
  *seal(isWanted: (hour: number) => boolean = () => true): Generator<undefined, void> {
    for (const hours of this.#head.pending(isWanted, SEAL_STEP)) {
      this.#guarded((database) => {
        database.transaction(() => {
          for (const { set, samples } of hours) this.#store(database, set, samples);
        });
      });
      this.#head.remove(hours);
      yield undefined;
    }
  }

  /**
   * Rolls up one span. All of its samples should be stored.
   *
   * @param before only what is older, ms: a multiple of an hour
   * @returns a generator that yields after each set, and at its end whether there may be more. Nothing is to be stored between its steps.
   * @throws the errors of SQLite
   */
  *rollUp(before: number): Generator<undefined, boolean> {
    const from = this.#guarded((database) => nextToRollUp(database, before));
    if (from === undefined) return false;
    const to = Math.min(before, startOf(from, SPAN_MS) + SPAN_MS);
    for (const set of this.#guarded((database) => database.setsIn(from, to))) {
      this.#guarded((database) => {
        database.transaction(() => {
          rollUpSpan({ database, set, onCorrupt: this.#onCorrupt }, from, to);
        });
      });
      yield undefined;
    }
    this.#guarded((database) => {
      database.rolledUpTo = to;
    });
    return true;
  }

  /** The file is larger than it may be. */
  get isFull(): boolean {
    const { retention = () => DEFAULT_RETENTION } = this.#options;
    return this.#database.usedBytes > retention().maxBytes;
  }

  /** What it knows, for questions. */
  read<Result>(ask: (view: HistoryView) => Result): Result {
    return this.#guarded((database) =>
      ask(new HistoryView({ database, head: this.#head, known: this.#known, onCorrupt: this.#onCorrupt })),
    );
  }

  addFrame(frame: ProcessFrame): void {
    this.#guarded(({ frames }) => {
      frames.add(frame);
    });
  }

  /** The newest frame at or before a time, ms, at most 60 s older. */
  processesAt(time: number): ProcessFrame | undefined {
    return this.#guarded(({ frames }) => frames.at(time));
  }

  addEvents(events: readonly HistoryEvent[]): void {
    this.#guarded(({ events: store }) => {
      for (const event of events) store.add(event);
    });
  }

  /** Those that touch a range (`to` exclusive), ms; the newest first. */
  events(from: number, to: number, limit: number): readonly HistoryEvent[] {
    return this.#guarded(({ events }) => events.list(from, to, limit));
  }

  /** To be called once: notes that the agent runs, and whether it or the host did not for a while. */
  begin(boot: Boot): void {
    const now = { at: this.#options.clock.now(), boot: boot.number };
    this.addEvents(this.#guarded(({ heartbeat }) => heartbeat.begin(now, boot.at)));
  }

  /** Notes that the agent still runs. */
  beat(): void {
    this.#guarded(({ heartbeat }) => {
      heartbeat.beat(this.#options.clock.now());
    });
  }

  /** Bytes of the file that are in use. */
  get bytes(): number {
    return this.#database.usedBytes;
  }

  get setCount(): number {
    return this.#limit.size;
  }

  /** Time of the oldest sample, or of the oldest roll-up; ms. */
  get oldestAt(): number | undefined {
    const times = [this.#database.oldest('raw'), this.#database.oldest('minutes')].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** One step of the retention. @returns true if there is more to delete */
  prune(): boolean {
    const { retention = () => DEFAULT_RETENTION } = this.#options;
    const isMore = this.#guarded((database) =>
      pruneStep(database, retention(), this.#aging.times(database, retention())),
    );
    this.#closedBefore = this.#closed();
    if (!isMore) this.#recount();
    return isMore;
  }

  /** Hosts whose history is kept, by their ids. The agent's own is the empty one; it has the name that its metrics had last. */
  hosts(): readonly KnownHost[] {
    return this.#guarded((database) =>
      database.hosts().map(({ id, name }) => ({ id, name: id === '' ? database.ownName : name })),
    );
  }

  /** A host has this name from now on; its history stays what it is. */
  nameHost(id: string, name: string): void {
    this.#guarded((database) => {
      database.nameHost(id, name);
    });
    this.#learnNames();
  }

  /** Forgets all samples of a host, and its name, in steps. Not to be called between the steps of `seal`. */
  *forgetHost(host: string): Generator<undefined, void> {
    this.#head.forgetHost(host);
    const step = () => this.#guarded((database) => database.transaction(() => database.forgetHost(host, FORGET_STEP)));
    while (step() === FORGET_STEP) yield undefined;
    this.#learnNames();
    this.#recount();
  }

  #learnNames(): void {
    const named = this.#guarded((database) => database.hosts()).filter(({ id }) => id !== '');
    this.#ids = new Map(named.flatMap(({ id, name }) => (name === undefined ? [] : [[name, id]])));
  }

  /** A host that has the name of the agent's own does not get its samples. */
  #idOf({ tags }: Metric): string {
    const name = tags['host'];
    if (this.#ids.size === 0 || name === undefined || this.#head.ownNames.has(name)) return '';
    return this.#ids.get(name) ?? '';
  }

  /** Sets that are neither stored nor in memory free their places. */
  #recount(): void {
    const inHead = this.#head.sets().map((set) => ({ host: set.host, key: keyOf(set) }));
    this.#limit.keepOnly([...this.#guarded((database) => database.setKeys()), ...inHead]);
  }

  /** A time to come was set while the clock was ahead. */
  #closed(): number {
    const { closedBefore } = this.#database;
    return closedBefore <= this.#options.clock.now() ? closedBefore : 0;
  }

  #store(database: HistoryDatabase, set: SeriesSet, samples: Samples): void {
    if (toMs(samples.times[0] ?? 0n) < this.#closedBefore) {
      this.#tooOld += samples.times.length;
      return;
    }
    const id = database.setId(set);
    mergeHour({ database, set: id, onCorrupt: this.#onCorrupt }, samples);
    this.#known.forget(id);
  }

  /** Does not seal; stores the frames of processes. */
  close(): void {
    this.#database.frames.seal();
    try {
      this.#database.checkpoint();
    } finally {
      this.#database.close();
    }
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
      this.#database = setAside(this.#database, { ...this.#options, onCorrupt: this.#onCorrupt }, error);
      this.#known.clear();
      return work(this.#database);
    }
  }
}

/** @returns the first hour with samples that are not rolled up; undefined if there is none before a time */
function nextToRollUp(database: HistoryDatabase, before: number): number | undefined {
  const { rolledUpTo } = database;
  // The clock was set back: samples are rolled up when their time comes again.
  if (rolledUpTo !== undefined && rolledUpTo > before + SPAN_MS) database.rolledUpTo = before;
  if (rolledUpTo !== undefined && rolledUpTo >= before) return undefined;
  const oldest = database.oldestFrom(rolledUpTo ?? -(2 ** 52));
  const from = oldest === undefined ? before : startOf(oldest, HOUR_MS);
  return from < before ? from : undefined;
}

/** Maximum blocks deleted at a time. */
const FORGET_STEP = 64;

/** Maximum blocks in a transaction, which waits for the disk. Questions wait for its end: some 20 ms. */
const SEAL_STEP = 64;
