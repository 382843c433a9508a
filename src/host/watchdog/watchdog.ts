/**
 * Reports a plugin that blocks the event loop, and ends the process if it goes on: a blocked agent collects nothing, sends
 * nothing and ignores SIGTERM. What was collected is in the journal.
 *
 * A thread asks the event loop for an answer every few seconds. It takes 9 MB, so it is started with the first plugin that
 * is not built in.
 */
import { Worker } from 'node:worker_threads';

import type { Logger } from '../../core/logger.ts';
import type { Plugin } from '../../plugin/index.ts';

import { CallTable } from './call-table.ts';
import type { PluginEntry } from '../entry.ts';
import type { LoopLimits } from './loop-watch.ts';
import type { SlotName, ThreadData, ThreadMessage } from './thread.ts';

export interface WatchdogOptions {
  /** The program of the thread, which calls `watchMainThread`. */
  readonly program: URL;
  readonly log: Logger;
  /** Of the lines that the thread writes to stderr. */
  readonly format: 'text' | 'json';
  /** Default: a warning after 10 s, the end after 60 s. */
  readonly limits?: LoopLimits & { readonly tickMs: number };
}

/** Longer than any synchronous work that is legal: a slow disk can hold up the alert store for many seconds. */
const LIMITS = { tickMs: 5000, warnAfter: 2, endAfter: 12 };

export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #calls = new CallTable();
  readonly #slots = new Map<string, number>();
  #thread: Worker | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** The entry with a plugin whose calls are watched, `create` included. */
  watch<Entry extends PluginEntry<Plugin>>(entry: Entry): Entry {
    const { plugin } = entry;
    const slot = this.#slotOf(`${plugin.kind}s.${entry.alias}`);
    const create = async (...args: Parameters<Plugin['create']>) => {
      const instance: unknown = await this.#calls.during(slot, () => plugin.create(...args));
      // What is none is refused later.
      return typeof instance === 'object' && instance !== null ? this.#calls.wrap(slot, instance) : instance;
    };
    return { ...entry, plugin: Object.create(plugin, { create: { value: create } }) as Plugin };
  }

  #slotOf(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const slot = this.#slots.size + 1;
    this.#slots.set(name, slot);
    this.#thread ??= this.#start();
    const message: SlotName = { slot, name };
    this.#thread.postMessage(message);
    return slot;
  }

  #start(): Worker {
    const { program, log, format, limits: { tickMs, ...limits } = LIMITS } = this.#options;
    const data: ThreadData = { memory: this.#calls.memory, tickMs, limits, format };
    const thread = new Worker(program, { workerData: data, name: 'watchdog', execArgv: [], stdin: false });
    thread.on('message', (message: ThreadMessage) => {
      if (message === 'answer') this.#calls.answer();
      else log.warn(message.recovered);
    });
    thread.on('error', (error) => {
      log.error(`The watchdog has failed, and a plugin that blocks is not noticed any more: ${error.message}`);
    });
    thread.unref();
    return thread;
  }
}
