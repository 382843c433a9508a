/**
 * Which receivers lead to the same address, and which receiver of the configuration goes on where an earlier one stopped: one
 * that was renamed, or removed and added again. Addresses hold secrets, so the store has a keyed hash of each.
 */
import { createHmac, randomBytes } from 'node:crypto';

import type { Clock } from '../../core/clock.ts';
import { z } from '../../plugin/index.ts';
import type { AlertStore, Collection } from '../store/store.ts';

import type { Receiver } from './receiver.ts';

const stored = z.object({
  kind: z.string(),
  key: z.string(),
  hash: z.string(),
  /** When it left the configuration, ms since the Unix epoch. */
  absentAt: z.number().optional(),
});

type Known = z.output<typeof stored>;

export interface Succession {
  /** Name → the first receiver with the same address, for each receiver of the configuration. */
  readonly lanes: ReadonlyMap<string, string>;
  /** Whose ledger goes on under another name. */
  readonly moved: ReadonlyMap<string, string>;
  /** Names that another kind of notifier has now. */
  readonly replaced: readonly string[];
}

/** A receiver that left the configuration keeps its ledger for this time. */
const KEPT_MS = 86_400_000;

const UNKNOWN: Known = { kind: '', key: '', hash: '' };

export class Addresses {
  readonly #clock: Clock;
  readonly #table: Collection;
  readonly #known = new Map<string, Known>();
  #configured: ReadonlyMap<string, Receiver> = new Map();
  /** Names that are not configured → since when, by the clock's `elapsed`. */
  readonly #absentSince = new Map<string, number>();

  constructor(store: AlertStore, clock: Clock) {
    this.#clock = clock;
    this.#table = store.collection('receivers');
    for (const [name, value] of this.#table.entries()) {
      const parsed = stored.safeParse(value);
      if (parsed.success) this.#known.set(name, parsed.data);
      else this.#table.delete(name);
    }
  }

  /** @param withLedger names of receivers that have a ledger */
  use(receivers: readonly Receiver[], withLedger: readonly string[]): Succession {
    const lanes = lanesOf(receivers);
    const configured = new Map(receivers.map((receiver) => [receiver.name, receiver]));
    this.#configured = configured;
    const heirs = receivers.filter(({ name }) => lanes.get(name) === name);
    const moved = new Map<string, string>();
    const replaced: string[] = [];
    for (const name of new Set([...this.#known.keys(), ...withLedger])) {
      const known = this.#known.get(name) ?? UNKNOWN;
      const here = configured.get(name);
      const heir = heirs.find((receiver) => isAt(known, receiver))?.name ?? sameName(known, here, lanes);
      if (heir === undefined) {
        if (here === undefined) this.#leave(name, known);
        else replaced.push(name);
      } else if (heir !== name) {
        moved.set(name, heir);
        this.#forget(name);
      }
    }
    for (const receiver of heirs) this.#note(receiver);
    return { lanes, moved, replaced };
  }

  /** Of a receiver of the configuration; equal at another agent for the same address and key. */
  hashOf(name: string, key: string): string | undefined {
    const receiver = this.#configured.get(name);
    return receiver === undefined ? undefined : hashOf(key, receiver);
  }

  /** Left the configuration a day ago. They are forgotten. */
  expire(): readonly string[] {
    const until = this.#clock.elapsed() - KEPT_MS;
    const names = [...this.#absentSince].flatMap(([name, since]) => (since <= until ? [name] : []));
    for (const name of names) this.#forget(name);
    return names;
  }

  #leave(name: string, known: Known): void {
    if (this.#absentSince.has(name)) return;
    const now = this.#clock.now();
    const { absentAt = now } = known;
    const age = Math.min(Math.max(0, now - absentAt), KEPT_MS);
    this.#absentSince.set(name, this.#clock.elapsed() - age);
    this.#put(name, { ...known, absentAt });
  }

  #note(receiver: Receiver): void {
    const { name, address } = receiver;
    this.#absentSince.delete(name);
    const known = this.#known.get(name);
    if (known !== undefined && known.absentAt === undefined && isAt(known, receiver)) return;
    const key = randomBytes(16).toString('hex');
    this.#put(name, { kind: address.kind, key, hash: hashOf(key, receiver) });
  }

  #put(name: string, known: Known): void {
    this.#known.set(name, known);
    this.#table.put(name, known);
  }

  #forget(name: string): void {
    this.#absentSince.delete(name);
    this.#known.delete(name);
    this.#table.delete(name);
  }
}

function lanesOf(receivers: readonly Receiver[]): ReadonlyMap<string, string> {
  const firsts = new Map<string, string>();
  return new Map(
    receivers.map((receiver) => {
      const text = textOf(receiver);
      const first = firsts.get(text) ?? receiver.name;
      firsts.set(text, first);
      return [receiver.name, first];
    }),
  );
}

/** Under its own name it may have another address: a secret was changed, or the channel. */
function sameName({ kind }: Known, here: Receiver | undefined, lanes: Succession['lanes']): string | undefined {
  const isSameKind = kind === '' || kind === here?.address.kind;
  return here === undefined || !isSameKind ? undefined : lanes.get(here.name);
}

function isAt({ key, hash }: Known, receiver: Receiver): boolean {
  return hash !== '' && hash === hashOf(key, receiver);
}

function hashOf(key: string, receiver: Receiver): string {
  return createHmac('sha256', key).update(textOf(receiver)).digest('hex');
}

function textOf({ address: { kind, target } }: Receiver): string {
  return `${kind} ${target}`;
}
