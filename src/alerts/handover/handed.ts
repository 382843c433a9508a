/** What the agent knows of its alerts at the hub: a record for each that fires, or whose end the hub has not confirmed. */
import type { Clock } from '../../core/clock.ts';
import { z } from '../../plugin/index.ts';
import type { Ledger } from '../notify/ledger.ts';
import type { AlertStore, Collection } from '../store/store.ts';

const stored = z.object({
  episode: z.string(),
  /** Digest of what the hub has. */
  confirmed: z.string().optional(),
  /** Rank of the highest level that the hub notifies of; 0: of none. */
  accepted: z.number(),
  /** Receivers of this agent that heard of it, or may have, and when last, as `at`. */
  told: z.array(z.object({ receiver: z.string(), at: z.number() })),
  /** Receivers of this agent whose address heard of it by the hub, which tells them the end. */
  elsewhere: z.array(z.string()).optional(),
  /** It is in the audit log that the hub has not confirmed it in time. */
  isLate: z.boolean().optional(),
  /** Rank of the highest level that it had. */
  level: z.number(),
  /** Since when, by the clock's `elapsed`, in the store as wall time. */
  at: z.number(),
});

export type HandedRecord = Readonly<z.output<typeof stored>>;

const hub = z.object({ id: z.string(), key: z.string().optional() });

/** No fingerprint. */
const HUB = '';

export class Handed {
  readonly #clock: Clock;
  readonly #table: Collection;
  readonly #records = new Map<string, HandedRecord>();
  #hub: z.output<typeof hub> | undefined;

  constructor(store: AlertStore, clock: Clock) {
    this.#clock = clock;
    this.#table = store.collection('handed_over');
    for (const [fingerprint, value] of this.#table.entries()) {
      if (fingerprint === HUB) {
        this.#hub = hub.safeParse(value).data;
        continue;
      }
      const parsed = stored.safeParse(value);
      if (parsed.success) {
        this.#records.set(
          fingerprint,
          withTimes(parsed.data, (at) => clock.elapsed() - Math.max(0, clock.now() - at)),
        );
      } else this.#table.delete(fingerprint);
    }
  }

  /** For hashes of addresses; undefined before the hub's first answer. */
  get key(): string | undefined {
    return this.#hub?.key;
  }

  get(fingerprint: string): HandedRecord | undefined {
    return this.#records.get(fingerprint);
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

  /** Another hub, or the same one that knows this host no more, has none of them. @param id of this host there */
  of(id: string): void {
    if (this.#hub?.id === id) return;
    this.#setHub({ id });
    const at = this.#clock.elapsed();
    for (const [fingerprint, record] of this.#records)
      this.put(fingerprint, { ...record, confirmed: undefined, accepted: 0, at });
  }

  /** @returns whether it is another one */
  setKey(key: string): boolean {
    if (this.#hub === undefined || this.#hub.key === key) return false;
    this.#setHub({ ...this.#hub, key });
    return true;
  }

  #setHub(next: z.output<typeof hub>): void {
    this.#hub = next;
    this.#table.put(HUB, next);
  }
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

function withTimes(record: HandedRecord, shift: (at: number) => number): HandedRecord {
  const told = record.told.map(({ receiver, at }) => ({ receiver, at: shift(at) }));
  return { ...record, told, at: shift(record.at) };
}
