/** The hosts of the hub: in memory, on disk, and what happens to them. */
import type { Goodbye } from '../api/hub-protocol.ts';
import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';

import type { HostRecord, HubEvent, HubEventKind, TokenRecord } from './records.ts';
import type { HubStore } from './store.ts';

export interface RegistryOptions {
  readonly store: HubStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Something that an alert may be about has changed. */
  readonly onChange: () => void;
  readonly onNamed: (host: HostRecord) => void;
  readonly onForgotten: (host: HostRecord) => void;
}

/** Accounts are written together, so that a fleet costs a few fsyncs a second. ms. */
const SAVE_MS = 200;
/** What is not confirmed to anybody is written so often. ms. */
const LAZY_MS = 10_000;
const MOST_NAMES = 10;

export class Registry {
  readonly #store: HubStore;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #options: RegistryOptions;
  readonly #hosts = new Map<string, HostRecord>();
  readonly #tokens = new Map<string, TokenRecord>();
  /** Of each host, on the clock's `elapsed`. */
  readonly #heardAt = new Map<string, number>();
  /** With something that must not be lost. */
  readonly #changed = new Set<HostRecord>();
  /** Heard of. */
  readonly #lazy = new Set<HostRecord>();
  #events: HubEvent[] = [];
  #saving: Promise<void> | undefined;
  #lazilySavedAt = 0;

  constructor(options: RegistryOptions) {
    const { store, clock, log } = options;
    this.#options = options;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    for (const host of store.hosts()) this.#hosts.set(host.id, host);
    for (const token of store.tokens()) this.#tokens.set(token.hash, token);
    // While the hub was away nobody could be heard: those who were there get the whole time again.
    const now = clock.elapsed();
    for (const { id, presence } of this.#hosts.values()) this.#heardAt.set(id, presence === 'down' ? -Infinity : now);
  }

  get size(): number {
    return this.#hosts.size;
  }

  hosts(): IterableIterator<HostRecord> {
    return this.#hosts.values();
  }

  host(id: string): HostRecord | undefined {
    return this.#hosts.get(id);
  }

  nameOf(id: string): string {
    return this.#hosts.get(id)?.name ?? 'a host that is forgotten';
  }

  tokens(): readonly TokenRecord[] {
    return [...this.#tokens.values()];
  }

  token(hash: string): TokenRecord | undefined {
    return this.#tokens.get(hash);
  }

  events(host: string | undefined, limit: number): readonly HubEvent[] {
    this.flush();
    return this.#store.events(host, limit);
  }

  /** Since the last message of a host. ms. */
  silentMs({ id }: HostRecord): number {
    return this.#clock.elapsed() - (this.#heardAt.get(id) ?? -Infinity);
  }

  heard(host: HostRecord): void {
    this.#heardAt.set(host.id, this.#clock.elapsed());
    host.heardAt = this.#clock.now();
    host.goodbye = undefined;
    this.#lazy.add(host);
  }

  /** The hub itself stood still: that counts for nobody. */
  excuse(ms: number): void {
    for (const [id, at] of this.#heardAt) this.#heardAt.set(id, at + ms);
  }

  leaves(host: HostRecord, goodbye: Goodbye): void {
    host.goodbye = goodbye;
    this.#changed.add(host);
    this.#options.onChange();
  }

  /** On disk when it returns. @throws the error of SQLite; then nothing has changed on disk */
  joined(host: HostRecord, token: TokenRecord, kind: 'joined' | 'rejoined'): void {
    this.#hosts.set(host.id, host);
    this.note(kind, host, kind === 'joined' ? 'has joined' : 'has joined again and goes on as before');
    this.#store.write({ hosts: [host], tokens: [token], events: this.#takeEvents() });
    this.#options.onNamed(host);
  }

  addToken(token: TokenRecord): void {
    this.#store.write({ tokens: [token] });
    this.#tokens.set(token.hash, token);
  }

  endToken(token: TokenRecord): void {
    this.#store.write({ endedTokens: [token.hash] });
    this.#tokens.delete(token.hash);
  }

  renamed(host: HostRecord, name: string): void {
    const before = host.name;
    host.formerNames = [{ name: before, until: this.#clock.now() }, ...host.formerNames].slice(0, MOST_NAMES);
    host.name = name;
    this.note('renamed', host, `was ${before} before`);
    this.#options.onNamed(host);
  }

  forget(host: HostRecord): void {
    this.#hosts.delete(host.id);
    this.#heardAt.delete(host.id);
    this.note('forgotten', host, 'is forgotten');
    this.#changed.delete(host);
    this.#lazy.delete(host);
    this.#store.write({ forgotten: [host.id], events: this.#takeEvents() });
    this.#options.onForgotten(host);
  }

  /** @param text continues the name of the host */
  note(kind: HubEventKind, host: HostRecord | undefined, text: string): void {
    const name = host?.name ?? '';
    this.#events.push({ at: this.#clock.now(), kind, host: host?.id, name, text: `${name} ${text}`.trim() });
    this.#log.info(`${name} ${text}`.trim());
    if (host !== undefined) this.#changed.add(host);
    this.#options.onChange();
  }

  /** Resolves when what is known of the host is on disk. @throws the error of SQLite */
  saved(host: HostRecord): Promise<void> {
    this.#changed.add(host);
    this.#saving ??= this.#clock.sleep(SAVE_MS).then(() => {
      this.#saving = undefined;
      this.#write();
    });
    return this.#saving;
  }

  /** To be called each second. */
  tick(): void {
    const isDue = this.#clock.elapsed() - this.#lazilySavedAt >= LAZY_MS;
    if (this.#events.length > 0 || isDue) this.flush(isDue);
  }

  /** Writes what has changed; what cannot be written is kept and tried again. @param isWhole also when hosts were heard last */
  flush(isWhole = false): void {
    try {
      this.#write(isWhole);
    } catch (error) {
      this.#log.error(`The hub cannot write its file; it goes on, and tries again: ${describeError(error)}`);
    }
  }

  close(): void {
    this.flush(true);
    this.#store.close();
  }

  #write(isWhole = false): void {
    if (isWhole) {
      this.#lazilySavedAt = this.#clock.elapsed();
      for (const host of this.#lazy) this.#changed.add(host);
      this.#lazy.clear();
    }
    const [hosts, events] = [[...this.#changed], this.#events];
    if (hosts.length === 0 && events.length === 0) return;
    this.#store.write({ hosts, events });
    for (const host of hosts) this.#changed.delete(host);
    this.#events = this.#events.slice(events.length);
  }

  #takeEvents(): readonly HubEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
