/** What the agent knows of its alerts at its hubs: a record for each that fires, or whose end a hub has not confirmed. */
import type { Clock } from '../../core/clock.ts';
import { z } from '../../plugin/index.ts';
import type { Ledger } from '../notify/ledger.ts';
import type { AlertStore, Collection } from '../store/store.ts';

/** What one hub has of an alert. */
const atHub = z.object({
  /** Digest of what the hub has. */
  confirmed: z.string().optional(),
  /** Rank of the highest level that the hub notifies of; 0: of none. */
  accepted: z.number(),
});

/** Times are by the clock's `elapsed`, in the store wall time. */
const stored = z.object({
  episode: z.string(),
  /** By the names of the hubs. */
  hubs: z.record(z.string(), atHub),
  /** The hub that is asked to notify, since when, and those that were asked before without success. */
  turn: z.object({ hub: z.string(), at: z.number(), past: z.array(z.string()) }).optional(),
  /** Receivers of this agent that heard of it, or may have, and when last. */
  told: z.array(z.object({ receiver: z.string(), at: z.number() })),
  /** Receivers of this agent whose address heard of it by a hub, which tells them the end. */
  elsewhere: z.array(z.string()).optional(),
  /** It is in the audit log that the hub has not confirmed it in time. */
  isLate: z.boolean().optional(),
  /** Rank of the highest level that it had. */
  level: z.number(),
});

export type HandedRecord = Readonly<z.output<typeof stored>>;
export type AtHub = Readonly<z.output<typeof atHub>>;
export type Turn = Readonly<NonNullable<HandedRecord['turn']>>;

/** Of a version that knew one hub. */
const former = z.object({ confirmed: z.string().optional(), accepted: z.number(), at: z.number() });
const FORMER_HUB = 'hub';
/** Its key of the hub. No fingerprint. */
const FORMER_KEY = '';

const hub = z.object({ id: z.string(), key: z.string().optional(), label: z.string().default('') });
type KnownHub = Readonly<z.output<typeof hub>>;

/** Before the name of a hub. No fingerprint has a space. */
const HUB = 'hub ';

const NOTHING: AtHub = { accepted: 0 };

export class Handed {
  readonly #clock: Clock;
  readonly #table: Collection;
  readonly #records = new Map<string, HandedRecord>();
  readonly #hubs = new Map<string, KnownHub>();

  constructor(store: AlertStore, clock: Clock) {
    this.#clock = clock;
    this.#table = store.collection('handed_over');
    for (const [key, value] of this.#table.entries()) {
      const isHub = key === FORMER_KEY || key.startsWith(HUB);
      if (isHub) this.#readHub(key === FORMER_KEY ? FORMER_HUB : key.slice(HUB.length), value);
      else this.#readRecord(key, value);
    }
  }

  /** Of a hub, for hashes of addresses; undefined before its first answer. */
  keyOf(name: string): string | undefined {
    return this.#hubs.get(name)?.key;
  }

  /** Of a hub, for people. */
  labelOf(name: string): string {
    return this.#hubs.get(name)?.label || name;
  }

  get(fingerprint: string): HandedRecord | undefined {
    return this.#records.get(fingerprint);
  }

  all(): ReadonlyMap<string, HandedRecord> {
    return this.#records;
  }

  put(fingerprint: string, record: HandedRecord): void {
    this.#records.set(fingerprint, record);
    const [now, elapsed] = [this.#clock.now(), this.#clock.elapsed()];
    this.#table.put(
      fingerprint,
      withTimes(record, (at) => now - (elapsed - at)),
    );
  }

  delete(fingerprint: string): void {
    this.#records.delete(fingerprint);
    this.#table.delete(fingerprint);
  }

  /**
   * Another hub, or the same one that knows this host no more, has none of them.
   *
   * @param id of this host there
   */
  began(name: string, id: string, label: string): void {
    const known = this.#hubs.get(name);
    if (known?.id !== id) this.#setHub(name, { id, label });
    else if (known.label !== label) this.#setHub(name, { ...known, label });
    if (known?.id === id) return;
    const at = this.#clock.elapsed();
    for (const [fingerprint, { turn, ...record }] of this.#records)
      this.put(fingerprint, {
        ...withHub(record, name, NOTHING),
        ...(turn && { turn: turn.hub === name ? { ...turn, at } : turn }),
      });
  }

  /** @returns whether it is another one */
  setKey(name: string, key: string): boolean {
    const known = this.#hubs.get(name);
    if (known === undefined || known.key === key) return false;
    this.#setHub(name, { ...known, key });
    return true;
  }

  #setHub(name: string, next: KnownHub): void {
    this.#hubs.set(name, next);
    this.#table.put(HUB + name, next);
  }

  #readHub(name: string, value: unknown): void {
    const parsed = hub.safeParse(value).data;
    if (parsed !== undefined && !this.#hubs.has(name)) this.#hubs.set(name, parsed);
  }

  #readRecord(fingerprint: string, value: unknown): void {
    const parsed = stored.safeParse(renewed(value));
    if (!parsed.success) {
      this.#table.delete(fingerprint);
      return;
    }
    const { now, elapsed } = { now: this.#clock.now(), elapsed: this.#clock.elapsed() };
    this.#records.set(
      fingerprint,
      withTimes(parsed.data, (at) => elapsed - Math.max(0, now - at)),
    );
  }
}

export function ofHub({ hubs }: Pick<HandedRecord, 'hubs'>, name: string): AtHub {
  return (Object.hasOwn(hubs, name) ? hubs[name] : undefined) ?? NOTHING;
}

export function withHub<Given extends Pick<HandedRecord, 'hubs'>>(record: Given, name: string, next: AtHub): Given {
  return { ...record, hubs: { ...record.hubs, [name]: next } };
}

/** Receivers of this agent that heard of an alert, or may have, and how long ago; 0: more will follow. */
export function toldOf(
  fingerprint: string,
  { told }: HandedRecord,
  ledger: Ledger | undefined,
  elapsed: number,
): readonly { readonly receiver: string; readonly ageMs: number }[] {
  const rows = ledger?.about(fingerprint).filter((row) => !ledger.isUnheard(row)) ?? [];
  const open = new Set(rows.map(({ receiver }) => receiver));
  const done = told.filter(({ receiver }) => !open.has(receiver));
  return [
    ...[...open].map((receiver) => ({ receiver, ageMs: 0 })),
    ...done.map(({ receiver, at }) => ({ receiver, ageMs: Math.max(1, elapsed - at) })),
  ];
}

function renewed(value: unknown): unknown {
  const { confirmed, accepted, at } = former.safeParse(value).data ?? {};
  if (accepted === undefined) return value;
  const turn = { hub: FORMER_HUB, at, past: [] };
  return { ...(value as object), hubs: { [FORMER_HUB]: { confirmed, accepted } }, turn };
}

function withTimes({ turn, ...record }: HandedRecord, shift: (at: number) => number): HandedRecord {
  const told = record.told.map(({ receiver, at }) => ({ receiver, at: shift(at) }));
  return { ...record, told, ...(turn && { turn: { ...turn, at: shift(turn.at) } }) };
}
