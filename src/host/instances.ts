/**
 * The plugins of one section of the configuration. A reload is a difference by fingerprint: entries that stay the same keep
 * their instance, all others are opened or stopped.
 */
import { setMaxListeners } from 'node:events';

import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Part, PartStatus, Prepared } from '../core/part.ts';
import type { Plugin } from '../plugin/index.ts';

import { settledOrAborted } from './deadline.ts';
import type { PluginEntry } from './entry.ts';

/** The plugin of one entry, opened, with the host's side of it. */
export interface Running<Entry> {
  readonly entry: Entry;
  /** Puts it to use. Never throws. */
  start(): void;
  /**
   * Ends what is under way and releases what was opened. Also called on one that never started.
   *
   * @param signal aborts when what is left has to be given up
   */
  stop(signal: AbortSignal): Promise<void>;
}

export interface InstancesOptions<Entry, Instance> {
  /** The section: `inputs`, `outputs`, … */
  readonly name: string;
  /** @throws what the plugin refuses: options that its schema cannot check */
  readonly open: (entry: Entry) => Promise<Instance>;
  /** Called when no instance runs under the entry's alias any more. */
  readonly onReleased?: (entry: Entry) => void;
  /** How long a replaced instance may take to stop. Milliseconds; asked at each reload. */
  readonly stopTimeout: () => number;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface PreparedInstances<Instance> extends Prepared {
  /** All instances as they will be after `use`, in the order of the entries. */
  readonly next: readonly Instance[];
}

/** How much longer an instance may take to stop after its signal aborted. */
const ABANDON_MS = 500;

export class Instances<Entry extends PluginEntry<Plugin>, Instance extends Running<Entry>> implements Part<
  readonly Entry[]
> {
  readonly name: string;
  readonly #options: InstancesOptions<Entry, Instance>;
  #running: readonly Instance[] = [];
  /** Stopped because of an error of theirs; a reload that was being prepared must not keep them. */
  readonly #failed = new WeakSet<Instance>();

  constructor(options: InstancesOptions<Entry, Instance>) {
    this.name = options.name;
    this.#options = options;
  }

  get running(): readonly Instance[] {
    return this.#running;
  }

  async prepare(entries: readonly Entry[], signal: AbortSignal): Promise<PreparedInstances<Instance>> {
    const kept = new Map(this.#running.map((instance) => [instance.entry.fingerprint, instance]));
    const changed = entries.filter(({ fingerprint }) => !kept.has(fingerprint));
    const opened = await this.#openAll(changed, signal);
    const next = entries.flatMap(
      (entry) => kept.get(entry.fingerprint) ?? opened.find((it) => it.entry === entry) ?? [],
    );
    return {
      next,
      use: () => this.#use(next, opened),
      discard: () => this.#discard(opened),
    };
  }

  status(): readonly PartStatus[] {
    return [];
  }

  /**
   * Stops all instances of an external plugin's module. They stay configured, so the next reload opens them again.
   *
   * @returns their aliases
   */
  async stopModule(file: string): Promise<readonly string[]> {
    const failed = this.#running.filter(({ entry }) => entry.file === file);
    for (const instance of failed) this.#failed.add(instance);
    this.#running = this.#running.filter((instance) => !this.#failed.has(instance));
    await this.#stopInTime(failed);
    return failed.map(({ entry }) => entry.alias);
  }

  /** An instance that does not stop is left behind shortly after the signal aborts. */
  async stop(signal: AbortSignal): Promise<void> {
    await this.#stopAll(this.#running, signal);
  }

  async #openAll(entries: readonly Entry[], signal: AbortSignal): Promise<readonly Instance[]> {
    const opening = entries.map((entry) => this.#options.open(entry));
    await settledOrAborted(Promise.allSettled(opening), signal);
    if (signal.aborted) {
      for (const each of opening) this.#stopWhenOpened(each);
      throw signal.reason;
    }
    const results = await Promise.allSettled(opening);
    const opened = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) return opened;
    this.#release(entries);
    await this.#stopInTime(opened);
    throw failed.reason;
  }

  /** A `create` that never ends does not keep the agent from stopping. */
  #stopWhenOpened(opening: Promise<Instance>): void {
    void opening.then(
      (late) => this.#stopInTime([late]),
      () => undefined, // the abort is the reason to report
    );
  }

  async #use(next: readonly Instance[], opened: readonly Instance[]): Promise<void> {
    const replaced = this.#running.filter((instance) => !next.includes(instance));
    this.#running = next.filter((instance) => !this.#failed.has(instance));
    await this.#stopInTime(replaced);
    this.#release(replaced.map(({ entry }) => entry));
    for (const instance of opened) instance.start();
  }

  async #discard(opened: readonly Instance[]): Promise<void> {
    await this.#stopInTime(opened);
    this.#release(opened.map(({ entry }) => entry));
  }

  #release(entries: readonly Entry[]): void {
    const isUsed = ({ alias }: Entry) => this.#running.some(({ entry }) => entry.alias === alias);
    for (const entry of entries) if (!isUsed(entry)) this.#options.onReleased?.(entry);
  }

  async #stopInTime(instances: readonly Instance[]): Promise<void> {
    if (instances.length === 0) return;
    const { clock, stopTimeout } = this.#options;
    const late = new AbortController();
    const cancel = clock.after(stopTimeout(), () => {
      late.abort();
    });
    await this.#stopAll(instances, late.signal);
    cancel();
  }

  async #stopAll(instances: readonly Instance[], signal: AbortSignal): Promise<void> {
    // Each instance listens to it, however many there are.
    setMaxListeners(0, signal);
    await Promise.all(instances.map((instance) => this.#stopOne(instance, signal)));
  }

  async #stopOne(instance: Instance, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    const { alias } = instance.entry;
    const abandoned = new AbortController();
    let cancel: () => void = () => undefined;
    const onLate = () => {
      cancel = clock.after(ABANDON_MS, () => {
        abandoned.abort();
      });
    };
    if (signal.aborted) onLate();
    signal.addEventListener('abort', onLate, { once: true });
    const stopping = instance.stop(signal).catch((error: unknown) => {
      log.error(`Stopping ${alias} failed: ${describeError(error)}`);
    });
    await settledOrAborted(stopping, abandoned.signal);
    signal.removeEventListener('abort', onLate);
    cancel();
    if (abandoned.signal.aborted) log.warn(`${alias} did not stop in time and is left behind`);
  }
}
