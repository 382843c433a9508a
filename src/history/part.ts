/** The embedded history as a part of the agent. It reads the journal like an output; its work is done in a thread. */
import { isDeepStrictEqual } from 'node:util';

import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Part, PartStatus, Prepared } from '../core/part.ts';
import type { Journal } from '../journal/journal.ts';
import type { Metric } from '../metric/metric.ts';
import type { Host } from '../plugin/index.ts';

import type { HistoryAccess } from './access.ts';
import { HistoryClient } from './client.ts';
import { bootNumber, bootTime } from './events/sources/absence.ts';
import { Feed, HISTORY_CURSOR } from './feed.ts';
import type { Boot } from './history.ts';
import { historyPath } from './path.ts';
import type { HistorySettings } from './settings.ts';
import { Witness, type WitnessSources } from './witness.ts';
import type { HistoryConfig } from './worker/messages.ts';

export interface HistorySection {
  /** `false`: there is no history. */
  readonly settings: HistorySettings | false;
  readonly stateDirectory: string;
  /** The value of the tag `host` of the agent's own metrics; undefined if they have none. */
  readonly ownName: string | undefined;
  readonly journal: JournalBounds;
}

interface JournalBounds {
  readonly buffer: 'disk' | 'memory';
  /** Bytes on disk. */
  readonly max_bytes: number;
  /** ms. */
  readonly max_age: number;
}

export interface HistoryOptions extends WitnessSources {
  readonly journal: () => Journal;
  /** The program of the thread. */
  readonly program: URL;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

interface Running {
  readonly section: HistorySection;
  readonly client: HistoryClient;
  readonly feed: Feed;
  readonly witness: Witness;
}

export class HistoryPart implements Part<HistorySection> {
  readonly name = 'history';
  readonly #options: HistoryOptions;
  #running: Running | undefined;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** Undefined while there is none. */
  get access(): HistoryAccess | undefined {
    const running = this.#running;
    return running === undefined ? undefined : accessOf(running.client, this.#options.log, () => this.#flush(running));
  }

  /** Nothing is opened before it is used: a history that cannot be opened is no reason to refuse a configuration. */
  prepare(next: HistorySection): Promise<Prepared> {
    return Promise.resolve({
      use: async () => {
        const running = this.#running;
        if (next.settings === false) await this.#turnOff();
        else if (running === undefined) this.#running = this.#start(next);
        else this.#reload(running, next);
      },
      discard: () => Promise.resolve(),
    });
  }

  #reload(running: Running, next: HistorySection): void {
    if (isDeepStrictEqual(running.section, next)) return;
    // The state directory does not change while the process runs, and the journal warns of it.
    this.#running = { ...running, section: next };
    running.client.configure(configOf(next));
  }

  /** Any part has a new configuration: an event for the charts. */
  reconfigured(): void {
    this.#running?.witness.reloaded();
  }

  status(): readonly PartStatus[] {
    const running = this.#running;
    if (running === undefined) return [];
    return [{ name: 'internal_history', tags: {}, fields: { unsealed_lines: running.feed.pendingLines } }];
  }

  /** Lines were appended to the journal. */
  notify(): void {
    this.#running?.feed.notify();
  }

  /** A metric as it was gathered, for events. */
  observe(metric: Metric): void {
    this.#running?.witness.observe(metric);
  }

  /** With a journal on disk what is in memory is read again at the next start. */
  async stop(signal: AbortSignal): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    const { client, feed, section, witness } = running;
    witness.stop();
    if (section.journal.buffer === 'memory') await this.#storeAll(running, signal);
    feed.pause();
    await client.close(signal);
  }

  async #storeAll({ client, feed }: Running, signal: AbortSignal): Promise<void> {
    const late = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    const stored = feed.drain().then(() => client.call('seal', []));
    const failed = (error: unknown) => {
      this.#options.log.warn(`The newest samples of the history are lost: ${describeError(error)}`);
    };
    if (!signal.aborted) await Promise.race([stored.catch(failed), late]);
  }

  /** What is in memory only can be read from the journal. */
  async #flush({ client, feed, section }: Running): Promise<void> {
    if (section.journal.buffer === 'disk') return this.#options.journal().flush();
    await feed.drain();
    await client.call('seal', []);
  }

  /** Its lines are no longer kept in the journal; the file stays. */
  async #turnOff(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.witness.stop();
    running?.feed.pause();
    await running?.client.close(this.#options.clock.signal(CLOSE_MS));
    this.#options.journal().forget(HISTORY_CURSOR);
  }

  #start(section: HistorySection): Running {
    const { journal, program, clock, random, log, host } = this.#options;
    const { max_bytes: maxBytes, buffer } = section.journal;
    const feed = new Feed({
      journal: journal(),
      clock,
      log,
      isInMemory: buffer === 'memory',
      sealAboveBytes: maxBytes / 4,
      add: (batch) => client.call('add', [batch], [batch.lines.buffer as ArrayBuffer]),
      seal: () => client.call('seal', []),
    });
    const client = new HistoryClient({
      program,
      path: historyPath(section.stateDirectory),
      boot: bootOf(host),
      config: configOf(section),
      clock,
      random,
      log,
      onReady: () => {
        feed.begin();
        witness.start();
      },
      onSealed: (position) => {
        feed.sealed(position);
      },
      onEnded: () => {
        feed.pause();
      },
      onUnusable: () => {
        witness.stop();
        this.#running = undefined;
        journal().forget(HISTORY_CURSOR);
      },
    });
    const ignored = (error: unknown) => {
      log.debug(`An event or a frame of processes is not stored: ${describeError(error)}`);
    };
    const witness = new Witness({
      ...this.#options,
      addEvent: (event) => void client.call('addEvent', [event]).catch(ignored),
      addFrame: (frame) => void client.call('addFrame', [frame]).catch(ignored),
    });
    client.start();
    return { section, client, feed, witness };
  }
}

function bootOf(host: Host): Boot {
  const id = host.readOptional(`${host.proc}/sys/kernel/random/boot_id`);
  return { number: bootNumber(id), at: bootTime(host.readOptional(`${host.proc}/stat`)) };
}

/** How long turning it off may take. */
const CLOSE_MS = 5000;

function configOf({ settings, ownName, journal }: HistorySection): HistoryConfig {
  if (settings === false) throw new Error('There is no history');
  const { raw, minutes, max_bytes: maxBytes } = settings;
  return { retention: { raw, minutes, maxBytes }, ownName, sealWithin: journal.max_age / 2 };
}

function accessOf(client: HistoryClient, log: Logger, flush: HistoryAccess['flush']): HistoryAccess {
  return {
    sets: () => client.call('sets', []),
    query: (...args) => client.call('query', args),
    changes: (...args) => client.call('changes', args),
    usual: (...args) => client.call('usual', args),
    processesAt: (...args) => client.call('processesAt', args),
    events: (...args) => client.call('events', args),
    addEvent: (event) => {
      client.call('addEvent', [event]).catch((error: unknown) => {
        log.debug(`An event is not stored: ${describeError(error)}`);
      });
    },
    flush,
    status: () => client.call('status', []),
    hosts: () => client.call('hosts', []),
    nameHost: (...args) => client.call('nameHost', args),
    forgetHost: (...args) => client.call('forgetHost', args),
    crowded: () => client.call('crowded', []),
  };
}
