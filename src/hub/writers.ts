/**
 * Plain writers: hosts without an agent, which write to a listener of the hub under their own `host` tag. They have no key, so a
 * name is all that the hub knows of them: they are there while lines come, by their own cadence. A name that comes once is no host.
 */
import type { Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import type { Logger } from '../core/logger.ts';
import { TokenBucket } from '../core/token-bucket.ts';
import { FailureLog } from '../host/failure-log.ts';

import { isSiteLost, presenceOf, type Presence } from './presence.ts';
import type { HubEventKind, WriterRecord } from './records.ts';
import type { HubSettings } from './settings.ts';
import type { HubStore } from './store.ts';

export interface WritersOptions {
  readonly store: Pick<HubStore, 'writers' | 'write'>;
  readonly settings: () => HubSettings;
  /** A member, or the hub itself, has this name or id. */
  readonly isMember: (name: string) => boolean;
  readonly note: (kind: HubEventKind, writer: string, text: string) => void;
  readonly onChange: () => void;
  /** @param isMember a member has its name now */
  readonly onForgotten: (writer: Writer, isMember: boolean) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Writer {
  readonly name: string;
  /** ms since the Unix epoch. */
  readonly firstAt: number;
  heardAt: number;
  /** On the clock's `elapsed`. */
  heard: number;
  /** The longest of the last pauses between its writes, ms. */
  gapMs: number;
  presence: Presence;
  since: number;
  /** Since the hub first heard of it. */
  lines: number;
}

const MOST_WRITERS = 5000;
/** Names that have come once. */
const MOST_MET = 10_000;
const MOST_NAME = 255;
/** The second time counts after this. ms. */
const AGAIN_MS = 5000;
/** Lines of one request come together. ms. */
const REQUEST_MS = 1000;
/** Of a writer with a long pause, which becomes regular. */
const GAP_DECAY = 0.95;
const MOST_GAP_MS = 86_400_000;
const LATE_GAPS = 2;
const DOWN_GAPS = 3;
const SAVE_MS = 300_000;
/** Events of all writers: a flood of names shall not push out those of members. */
const EVENTS_PER_SECOND = 1 / 10;
const EVENTS_RESERVE = 100;
const COMPLAIN_MS = 3_600_000;
const WRITING_MS = 60_000;
const MOST_CLASHES = 1000;

export class Writers {
  readonly #options: WritersOptions;
  readonly #writers = new Map<string, Writer>();
  /** Name → when it came first, on the clock's `elapsed`. */
  readonly #met = new Map<string, number>();
  /** Members that write without their key too → when they did last, on the clock's `elapsed`. */
  readonly #clashes = new Map<string, number>();
  readonly #failures: FailureLog;
  readonly #noise: TokenBucket;
  #refused = 0;
  #complainedAt = -Infinity;
  #lostAt: number | undefined;
  #savedAt: number;

  constructor(options: WritersOptions) {
    const { store, clock, log } = options;
    this.#options = options;
    this.#failures = new FailureLog(log, clock);
    const now = clock.elapsed();
    this.#savedAt = now;
    this.#noise = new TokenBucket(EVENTS_PER_SECOND, now, EVENTS_RESERVE);
    // While the hub was away nobody could write: those who were there get the whole time again.
    for (const { silentMs, ...record } of store.writers()) {
      const heard = record.presence === 'down' ? now - silentMs : now;
      if (!options.isMember(record.name)) this.#writers.set(record.name, { ...record, heard });
    }
  }

  /** None if they are not listed. */
  all(): Iterable<Writer> {
    return this.#options.settings().writers === 'off' ? [] : this.#writers.values();
  }

  /** Of all of them, for the alert that the hub has lost sight of most. Undefined if nobody is alerted about them. */
  get site(): { readonly expected: number; readonly silent: number; readonly lostAt: number | undefined } | undefined {
    if (this.#options.settings().writers !== 'alert' || this.#writers.size === 0) return undefined;
    return { ...this.#count(), lostAt: this.#lostAt };
  }

  /** Names that were refused, since there were too many. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * A line with this tag `host` has come.
   *
   * @returns undefined if it is no plain writer, or none yet
   */
  saw(name: string): Writer | undefined {
    if (this.#options.settings().writers === 'off') return undefined;
    const { clock } = this.#options;
    const now = clock.elapsed();
    const writer = this.#writers.get(name) ?? this.#meet(name, now);
    if (writer === undefined) return undefined;
    const gap = now - writer.heard;
    // A pause in which it was away is none of its cadence.
    if (gap >= REQUEST_MS && writer.presence !== 'down' && writer.presence !== 'unreachable')
      writer.gapMs = Math.min(MOST_GAP_MS, Math.max(gap, writer.gapMs * GAP_DECAY));
    writer.heard = now;
    writer.heardAt = clock.now();
    writer.lines += 1;
    return writer;
  }

  /** To be called each second. */
  look(): void {
    const now = this.#options.clock.elapsed();
    this.#lostAt = isSiteLost(this.#count()) ? (this.#lostAt ?? now) : undefined;
    for (const writer of [...this.#writers.values()]) this.#lookAt(writer, now);
    if (now - this.#savedAt >= SAVE_MS) this.save();
  }

  /** The hub itself stood still: that counts for nobody. */
  excuse(ms: number): void {
    for (const writer of this.#writers.values()) writer.heard += ms;
  }

  /** A member has this name now. */
  joined(name: string): void {
    const writer = this.#writers.get(name);
    if (writer !== undefined) this.#remove(writer, 'is a member now, so it is no plain writer any more', true);
  }

  /** @returns false if there is none with this name */
  forget(name: string): boolean {
    const writer = this.#writers.get(name);
    if (writer === undefined) return false;
    this.#remove(writer, 'is forgotten');
    return true;
  }

  /** Whether lines with the name of a member have come without its key a moment ago. */
  isWriting(name: string): boolean {
    return this.#options.clock.elapsed() - (this.#clashes.get(name) ?? -Infinity) < WRITING_MS;
  }

  find(name: string): Writer | undefined {
    return this.#writers.get(name);
  }

  save(): void {
    const now = this.#options.clock.elapsed();
    this.#savedAt = now;
    this.#write({
      writers: [...this.#writers.values()].map(({ heard, ...rest }) => ({ ...rest, silentMs: now - heard })),
    });
  }

  /** It becomes a host when its name comes a second time. */
  #meet(name: string, now: number): Writer | undefined {
    if (name === '' || name.length > MOST_NAME) return undefined;
    const first = this.#met.get(name);
    if (first === undefined) {
      if (this.#isMember(name)) return undefined;
      const [oldest] = this.#met.keys();
      if (this.#met.size >= MOST_MET && oldest !== undefined) this.#met.delete(oldest);
      this.#met.set(name, now);
      return undefined;
    }
    if (now - first < AGAIN_MS) return undefined;
    this.#met.delete(name);
    if (this.#isMember(name) || this.#isFull()) return undefined;
    return this.#add(name, first, now);
  }

  #add(name: string, first: number, now: number): Writer {
    const at = this.#options.clock.now();
    const gapMs = Math.min(MOST_GAP_MS, now - first);
    const writer: Writer = {
      name,
      firstAt: at - (now - first),
      heardAt: at,
      heard: now,
      gapMs,
      presence: 'up',
      since: at,
      lines: 0,
    };
    this.#writers.set(name, writer);
    this.#note('writes', writer, 'writes here without being a member');
    this.#write({ writers: [recordOf(writer, now)] });
    this.#options.onChange();
    return writer;
  }

  #isFull(): boolean {
    if (this.#writers.size < MOST_WRITERS) return false;
    this.#refused += 1;
    const { clock, log } = this.#options;
    const now = clock.elapsed();
    if (now - this.#complainedAt < COMPLAIN_MS) return true;
    this.#complainedAt = now;
    log.warn(`There are ${MOST_WRITERS} plain writers, and more are not watched; look for a tag "host" that changes`);
    return true;
  }

  /** Its lines are stored like all others, but only its key says that it is there. */
  #isMember(name: string): boolean {
    if (!this.#options.isMember(name)) return false;
    const isKnown = this.#clashes.has(name);
    if (isKnown || this.#clashes.size < MOST_CLASHES) this.#clashes.set(name, this.#options.clock.elapsed());
    if (!isKnown && this.#clashes.size < MOST_CLASHES) {
      this.#options.log.info(`Lines of ${name}, which is a member, come from a plain writer too`);
    }
    return true;
  }

  #count(): { readonly expected: number; readonly silent: number } {
    const now = this.#options.clock.elapsed();
    const { late } = this.#options.settings();
    let [expected, silent] = [0, 0];
    for (const writer of this.#writers.values()) {
      // Down for long says nothing about the hub's view.
      if (writer.presence === 'down' && this.#lostAt === undefined) continue;
      expected += 1;
      if (now - writer.heard >= Math.max(late, LATE_GAPS * writer.gapMs)) silent += 1;
    }
    return { expected, silent };
  }

  #lookAt(writer: Writer, now: number): void {
    const settings = this.#options.settings();
    const silentMs = now - writer.heard;
    const late = Math.max(settings.late, LATE_GAPS * writer.gapMs);
    const down = Math.max(settings.down, DOWN_GAPS * writer.gapMs);
    const heard = { isApproved: true, goodbye: undefined, presence: writer.presence, silentMs };
    const doubt = this.#lostAt === undefined ? undefined : now - this.#lostAt;
    const next = presenceOf(heard, { late, down }, doubt);
    if (next !== writer.presence) this.#changed(writer, next, now);
    if (next === 'down' && silentMs > settings.forget) this.#remove(writer, 'is forgotten');
  }

  #changed(writer: Writer, next: Presence, now: number): void {
    const { clock, onChange } = this.#options;
    const { presence: before, since } = writer;
    writer.presence = next;
    writer.since = clock.now();
    if (next === 'down')
      this.#note('down', writer, `is down: it writes nothing since ${formatSeconds(now - writer.heard)}`);
    else if (next === 'up' && before === 'down')
      this.#note('up', writer, `writes again after ${formatSeconds(writer.since - since)}`);
    if (next === 'down' || before === 'down') this.#write({ writers: [recordOf(writer, now)] });
    onChange();
  }

  #remove(writer: Writer, text: string, isMember = false): void {
    this.#writers.delete(writer.name);
    this.#write({ forgottenWriters: [writer.name] });
    this.#note('forgotten', writer, text);
    this.#options.onForgotten(writer, isMember);
    this.#options.onChange();
  }

  #note(kind: HubEventKind, { name }: Writer, text: string): void {
    const now = this.#options.clock.elapsed();
    if (this.#noise.waitMs(now) > 0) return;
    this.#noise.take(1, now);
    this.#options.note(kind, name, text);
  }

  /** What cannot be written is written with the next change. */
  #write(changes: Parameters<HubStore['write']>[0]): void {
    try {
      this.#options.store.write(changes);
      this.#failures.succeeded('The hub writes its file');
    } catch (error) {
      this.#failures.failed('The hub cannot write its file; it goes on, and tries again', error);
    }
  }
}

function recordOf({ heard, ...rest }: Writer, now: number): WriterRecord {
  return { ...rest, silentMs: now - heard };
}

function formatSeconds(ms: number): string {
  return formatDuration(Math.max(0, Math.round(ms / 1000) * 1000));
}
