/** The hosts of the hub: in memory, on disk, and what happens to them. */
import type { Goodbye } from '../api/hub-protocol.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { TokenBucket } from '../core/token-bucket.ts';
import { FailureLog } from '../host/failure-log.ts';

import type { HostRecord, HubEvent, HubEventKind, TokenRecord } from './records.ts';
import { HubRefusal } from './refusal.ts';
import type { HubStore } from './store.ts';

export interface RegistryOptions {
  readonly store: HubStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Something that an alert may be about has changed. */
  readonly onChange: () => void;
  readonly onForgotten: (host: HostRecord) => void;
}

/** Accounts are written together, so that a fleet costs a few fsyncs a second. ms. */
const SAVE_MS = 200;
/** What is not confirmed to anybody is written so often. ms. */
const LAZY_MS = 10_000;
const AHEAD_AGAIN_MS = 86_400_000;
const FLOOD_AGAIN_MS = 3_600_000;
const MOST_NAMES = 10;
/** Events, while the file cannot be written. */
const MOST_WAITING = 10_000;
/** Events that one host causes: it shall not push out those of the others, nor fill the log. */
const EVENTS_PER_SECOND = 1 / 60;
const EVENTS_RESERVE = 30;
const BY_HOSTS: ReadonlySet<HubEventKind> = new Set<HubEventKind>([
  'renamed',
  'up',
  'down',
  'stopped',
  'rebooted',
  'lines_lost',
  'key_changed',
  'old_key',
]);
/** People see for so long that a token has expired. ms. */
const KEPT_TOKEN_MS = 86_400_000;

export class Registry {
  readonly #store: HubStore;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #options: RegistryOptions;
  readonly #failures: FailureLog;
  readonly #hosts = new Map<string, HostRecord>();
  readonly #tokens = new Map<string, TokenRecord>();
  /** Ids and keys of hosts that were revoked, and forgotten since. */
  readonly #revoked = new Set<string>();
  /** Of each host, on the clock's `elapsed`. */
  readonly #heardAt = new Map<string, number>();
  /** With something that must not be lost. */
  readonly #changed = new Set<HostRecord>();
  /** Events that a host may still cause. */
  readonly #noise = new WeakMap<HostRecord, TokenBucket>();
  /** When it was last said that its times are ahead, on the clock's `elapsed`. */
  readonly #saidAhead = new WeakMap<HostRecord, number>();
  /** When it was last said that it makes too many lines, on the clock's `elapsed`. */
  readonly #saidFlood = new WeakMap<HostRecord, number>();
  /** Heard of. */
  readonly #lazy = new Set<HostRecord>();
  #events: HubEvent[] = [];
  #saving: Promise<void> | undefined;
  /** Of the age of the hub: what was before this process, less what it stood still. ms. */
  #ageBefore: number;
  #lazilySavedAt = 0;

  constructor(options: RegistryOptions) {
    const { store, clock, log } = options;
    this.#options = options;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#failures = new FailureLog(log, clock);
    for (const host of store.hosts()) this.#hosts.set(host.id, host);
    for (const token of store.tokens()) this.#tokens.set(token.hash, token);
    for (const { id, key } of store.revoked()) this.#revoked.add(id).add(key);
    // While the hub was away nobody could be heard: those who were there get the whole time again.
    const now = clock.elapsed();
    this.#ageBefore = Math.max(0, ...[...this.#hosts.values()].map(({ heardAge }) => heardAge)) - now;
    for (const { id, presence } of this.#hosts.values()) this.#heardAt.set(id, presence === 'down' ? -Infinity : now);
  }

  /** Of this hub. */
  get hubId(): string {
    return this.#store.id;
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

  /** Time that the hub has run since the last message of a host. No clock step changes it, and no pause of the hub. ms. */
  absentMs({ heardAge }: HostRecord): number {
    return this.#age - heardAge;
  }

  /** Also after it was forgotten. */
  wasRevoked(id: string): boolean {
    return this.#revoked.has(id);
  }

  isRevokedKey(key: string): boolean {
    const isRevoked = (host: HostRecord) => host.key === key && host.revokedAt !== undefined;
    return this.#revoked.has(key) || [...this.#hosts.values()].some(isRevoked);
  }

  /** The time until the host is forgotten begins again. */
  renew(host: HostRecord): void {
    host.heardAge = this.#age;
  }

  heard(host: HostRecord): void {
    if (!this.#isKnown(host)) return;
    this.#heardAt.set(host.id, this.#clock.elapsed());
    host.heardAge = this.#age;
    host.heardAt = this.#clock.now();
    host.goodbye = undefined;
    this.#lazy.add(host);
  }

  /** The hub itself stood still: that counts for nobody. */
  excuse(ms: number): void {
    for (const [id, at] of this.#heardAt) this.#heardAt.set(id, at + ms);
    this.#ageBefore -= ms;
  }

  /**
   * On disk when it returns, with its event.
   *
   * @param event its text continues the name of the host
   * @throws what the change throws, or the error of SQLite; then nothing has changed
   */
  change(
    host: HostRecord,
    change: (next: HostRecord) => void,
    event?: { readonly kind: HubEventKind; readonly text: string },
  ): void {
    const next = { ...host };
    change(next);
    const said = event === undefined ? undefined : this.#eventOf(event.kind, host, event.text);
    this.#store.write({ hosts: [next], events: said === undefined ? [] : [said] });
    Object.assign(host, next);
    if (said !== undefined) this.#log.info(said.text);
    this.#options.onChange();
  }

  leaves(host: HostRecord, goodbye: Goodbye): void {
    host.goodbye = goodbye;
    this.#changed.add(host);
    this.#options.onChange();
  }

  /**
   * On disk when it returns.
   *
   * @param next what the host is from now on; one that is known stays the same object
   * @throws the error of SQLite; then nothing has changed
   */
  joined(next: HostRecord, token: TokenRecord): HostRecord {
    const heard = { ...next, heardAge: this.#age };
    this.#store.write({ hosts: [heard], tokens: [token] });
    this.#tokens.set(token.hash, token);
    const known = this.#hosts.get(next.id);
    const host = known === undefined ? heard : Object.assign(known, heard);
    this.#hosts.set(host.id, host);
    this.heard(host);
    if (known === undefined) this.note('joined', host, 'has joined');
    else this.note('rejoined', host, 'has joined again and goes on as before');
    return host;
  }

  /** Ends those that have expired a while ago, and the one before for a clone of the same host. @throws the error of SQLite; then nothing has changed */
  addToken(token: TokenRecord): void {
    const old = this.tokens().filter(
      ({ expiresAt, cloneOf }) =>
        expiresAt < token.createdAt - KEPT_TOKEN_MS || (cloneOf !== undefined && cloneOf === token.cloneOf),
    );
    this.#store.write({ tokens: [token], endedTokens: old.map(({ hash }) => hash) });
    for (const { hash } of old) this.#tokens.delete(hash);
    this.#tokens.set(token.hash, token);
  }

  endToken(token: TokenRecord): void {
    this.#store.write({ endedTokens: [token.hash] });
    this.#tokens.delete(token.hash);
  }

  /** A clone of the host may not join any more. @throws the error of SQLite */
  endTokensFor({ id }: HostRecord): void {
    for (const token of this.tokens()) if (token.cloneOf === id) this.endToken(token);
  }

  /** One that does it all the time has to wait. */
  renamed(host: HostRecord, name: string): void {
    if (this.#isTooLoud(host)) return;
    const before = host.name;
    host.formerNames = [{ name: before, until: this.#clock.now() }, ...host.formerNames].slice(0, MOST_NAMES);
    host.name = name;
    this.note('renamed', host, `was ${before} before`);
  }

  /** Times of lines were too far ahead, and were put right. Said once a day. */
  corrected(host: HostRecord, lines: number): void {
    host.corrected = (host.corrected ?? 0) + lines;
    const now = this.#clock.elapsed();
    if (now - (this.#saidAhead.get(host) ?? -Infinity) < AHEAD_AGAIN_MS) return;
    this.#saidAhead.set(host, now);
    this.note('ahead', host, 'sends lines with times of more than ten minutes ahead; the hub puts them right');
  }

  /** @param perSecond lines that it makes @param most lines per second that the hub takes */
  flooded(host: HostRecord, perSecond: number, most: number): void {
    const now = this.#clock.elapsed();
    if (now - (this.#saidFlood.get(host) ?? -Infinity) < FLOOD_AGAIN_MS) return;
    this.#saidFlood.set(host, now);
    this.note('flood', host, `makes ${Math.round(perSecond)} lines/s, and the hub takes ${most} lines/s of a host`);
  }

  /** Whether this hub reports that the host is away, though its agent asks others first. */
  reports(host: HostRecord, isReported: boolean): void {
    host.isReported = isReported ? true : undefined;
    this.#changed.add(host);
    this.#options.onChange();
  }

  /** @param isLasting whether a host that was revoked stays so @throws the error of SQLite; then nothing has changed */
  forget(host: HostRecord, isLasting = false): void {
    const { id, key, revokedAt } = host;
    const revoked = isLasting && revokedAt !== undefined ? [{ id, key, at: revokedAt }] : [];
    this.#store.write({ forgotten: [id], revoked });
    for (const { id: each } of revoked) this.#revoked.add(each).add(key);
    this.#hosts.delete(host.id);
    this.#heardAt.delete(host.id);
    this.#changed.delete(host);
    this.#lazy.delete(host);
    this.note('forgotten', host, 'is forgotten');
    this.#options.onForgotten(host);
  }

  /** @param text continues the name of the host */
  note(kind: HubEventKind, host: HostRecord | undefined, text: string): void {
    if (host !== undefined && this.#isKnown(host)) this.#changed.add(host);
    this.#options.onChange();
    const event = this.#eventOf(kind, host, text);
    if (event !== undefined) this.#keepEvent(event);
  }

  /** Undefined: the host has caused too many. */
  #eventOf(kind: HubEventKind, host: HostRecord | undefined, text: string): HubEvent | undefined {
    if (host !== undefined && BY_HOSTS.has(kind)) {
      if (this.#isTooLoud(host)) return undefined;
      this.#noiseOf(host).take(1, this.#clock.elapsed());
    }
    const name = host?.name ?? '';
    return { at: this.#clock.now(), kind, host: host?.id, name, text: `${name} ${text}`.trim() };
  }

  #keepEvent(event: HubEvent): void {
    this.#events.push(event);
    if (this.#events.length > MOST_WAITING) this.#events.shift();
    this.#log.info(event.text);
  }

  /** Of a plain writer. */
  noteWriter(kind: HubEventKind, name: string, text: string): void {
    this.#keepEvent({ at: this.#clock.now(), kind, host: name, name, text: `${name} ${text}` });
  }

  /** Resolves when what is known of the host is on disk. @throws the error of SQLite */
  saved(host: HostRecord): Promise<void> {
    if (!this.#isKnown(host)) return Promise.reject(new HubRefusal('unknown', 'The hub has forgotten this host'));
    this.#changed.add(host);
    this.#saving ??= this.#clock.sleep(SAVE_MS).then(() => {
      this.#saving = undefined;
      this.write();
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
      this.write(isWhole);
      this.#failures.succeeded('The hub writes its file');
    } catch (error) {
      this.#failures.failed('The hub cannot write its file; it goes on, and tries again', error);
    }
  }

  close(): void {
    this.flush(true);
    this.#store.close();
  }

  /** What has changed is on disk when it returns. @param isWhole also when hosts were heard last @throws the error of SQLite */
  write(isWhole = false): void {
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

  /** How long the hub has run, as far as its hosts know. ms. */
  get #age(): number {
    return this.#ageBefore + this.#clock.elapsed();
  }

  #isTooLoud(host: HostRecord): boolean {
    return this.#noiseOf(host).waitMs(this.#clock.elapsed()) > 0;
  }

  #noiseOf(host: HostRecord): TokenBucket {
    const known = this.#noise.get(host);
    if (known !== undefined) return known;
    const made = new TokenBucket(EVENTS_PER_SECOND, this.#clock.elapsed(), EVENTS_RESERVE);
    this.#noise.set(host, made);
    return made;
  }

  /** A request may hold a host that was forgotten meanwhile. */
  #isKnown(host: HostRecord): boolean {
    return this.#hosts.get(host.id) === host;
  }
}
