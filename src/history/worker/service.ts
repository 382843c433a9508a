/** The history behind its messages: takes lines, answers questions, keeps the file in order. Runs in a thread of its own. */
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { Driver } from '../../host/sqlite/driver.ts';
import { parseLines } from '../../metric/line-protocol.ts';
import type { HistoryEvent, ProcessFrame } from '../access.ts';
import { History } from '../history.ts';
import type { HistoryCalls, HistoryConfig, LinesMessage, ThreadData } from './messages.ts';
import { Unsealed } from './unsealed.ts';
import { HEAD_LIMIT, Upkeep } from './upkeep.ts';

export interface ServiceOptions {
  readonly data: ThreadData;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onSealed: (sealedUpTo: number) => void;
  readonly driver?: () => Driver;
}

/** The memory of the head is measured after so many bytes of lines. */
const MEASURE_BYTES = 256 * 1024;

export class HistoryService implements HistoryCalls {
  readonly #history: History;
  readonly #unsealed = new Unsealed();
  readonly #upkeep: Upkeep;
  readonly #log: Logger;
  #config: HistoryConfig;
  #bytesSinceMeasured = 0;
  #headBytes = 0;
  #hasLoggedBadLine = false;

  /** @throws NewerHistoryError, or why the file cannot be opened */
  constructor({ data, clock, log, onSealed, driver }: ServiceOptions) {
    this.#log = log;
    this.#config = data;
    const history = new History({
      path: data.path,
      clock,
      log,
      retention: () => this.#config.retention,
      ...(driver === undefined ? {} : { driver }),
    });
    this.#history = history;
    this.#upkeep = new Upkeep({ history, unsealed: this.#unsealed, clock, log, onSealed });
    history.begin(data.boot);
    this.#use(data);
    this.#upkeep.start();
  }

  configure(config: HistoryConfig): Promise<void> {
    this.#use(config);
    return Promise.resolve();
  }

  add({ lines, start, end }: LinesMessage): Promise<boolean> {
    const { metrics, errors } = parseLines(lines);
    const [error] = errors;
    if (error !== undefined && !this.#hasLoggedBadLine) {
      this.#hasLoggedBadLine = true;
      this.#log.warn(`The history cannot read a line of the journal: ${error.message}`);
    }
    const hours = new Set<number>();
    for (const metric of metrics) {
      const hour = this.#history.add(metric);
      if (hour !== undefined) hours.add(hour);
    }
    this.#unsealed.received(start, end, hours);
    return Promise.resolve(this.#hasRoom(lines.length));
  }

  seal(): Promise<void> {
    return this.#upkeep.seal();
  }

  sets: HistoryCalls['sets'] = () => Promise.resolve(this.#history.read((view) => view.sets()));

  query: HistoryCalls['query'] = (fields, functions, range) =>
    Promise.resolve(this.#history.read((view) => view.queryAll(fields, functions, range)));

  changes: HistoryCalls['changes'] = (range, before, counters, host) =>
    Promise.resolve(this.#history.read((view) => view.changes(range, before, counters, host)));

  usual: HistoryCalls['usual'] = (of, range, isRate) =>
    Promise.resolve(this.#history.read((view) => view.usual(of, range, isRate)));

  processesAt: HistoryCalls['processesAt'] = (at) => Promise.resolve(this.#history.processesAt(at));

  addFrame(frame: ProcessFrame): Promise<void> {
    this.#history.addFrame(frame);
    return Promise.resolve();
  }

  events: HistoryCalls['events'] = (from, to, limit) => Promise.resolve(this.#history.events(from, to, limit));

  addEvent(event: HistoryEvent): Promise<void> {
    this.#history.addEvents([event]);
    return Promise.resolve();
  }

  status: HistoryCalls['status'] = () =>
    Promise.resolve({
      bytes: this.#history.bytes,
      headBytes: this.#history.headBytes,
      sets: this.#history.setCount,
      refused: this.#history.refused,
      oldestAt: this.#history.oldestAt,
    });

  hosts: HistoryCalls['hosts'] = () => Promise.resolve(this.#history.hosts());

  nameHost(id: string, name: string): Promise<void> {
    this.#history.nameHost(id, name);
    return Promise.resolve();
  }

  crowded: HistoryCalls['crowded'] = () => Promise.resolve(this.#history.crowded);

  forgetHost(id: string): Promise<void> {
    return this.#upkeep.forget(id);
  }

  close(): Promise<void> {
    this.#upkeep.stop();
    this.#history.close();
    return Promise.resolve();
  }

  #use(config: HistoryConfig): void {
    this.#config = config;
    this.#upkeep.sealWithin = config.sealWithin;
    this.#history.ownName = config.ownName;
  }

  /** Twice the limit is left for what comes while the disk takes it. */
  #hasRoom(bytes: number): boolean {
    this.#bytesSinceMeasured += bytes;
    if (this.#bytesSinceMeasured >= MEASURE_BYTES || this.#headBytes > HEAD_LIMIT) {
      this.#bytesSinceMeasured = 0;
      this.#headBytes = this.#history.headBytes;
    }
    if (this.#headBytes > HEAD_LIMIT) this.#upkeep.sealSoon();
    return this.#headBytes <= HEAD_LIMIT * 1.25;
  }
}
