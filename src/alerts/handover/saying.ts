/** What the agent says of an alert to one of its hubs, and what that one has still to hear. */
import { NOTIFIED_BY_HUB } from '../../api/hub-alerts.ts';
import type { Clock } from '../../core/clock.ts';
import type { Fact } from '../notify/truth.ts';

import { digestOf, type Said } from './body.ts';
import type { DeskMeans } from './desk-means.ts';
import { ofHub, toldOf, type Handed, type HandedRecord } from './handed.ts';
import type { HubLine } from './hub-line.ts';

export interface Listed {
  readonly fact: Fact;
  readonly record: HandedRecord;
  readonly digest: string;
}

type Means = Pick<DeskMeans, 'truth' | 'ledger' | 'held' | 'addressHash'>;

export class Saying {
  readonly #means: Means;
  readonly #handed: Handed;
  readonly #clock: Pick<Clock, 'elapsed'>;

  constructor(means: Means, handed: Handed, clock: Pick<Clock, 'elapsed'>) {
    this.#means = means;
    this.#handed = handed;
    this.#clock = clock;
  }

  /** @param hub name */
  about(hub: string, fact: Fact, record: HandedRecord): Said {
    const key = this.#handed.keyOf(hub);
    const told = this.#toldOf(fact, record).flatMap(({ receiver, ageMs }) => {
      const hash = key === undefined ? undefined : this.#means.addressHash(receiver, key);
      return hash === undefined ? [] : [{ hash, ageMs }];
    });
    const held = this.#means.held(fact.view, hub) ?? this.#heldByTurn(hub, record);
    return { fact, told, isDelivered: this.isDelivered(fact, record), held };
  }

  /** Whether this hub is asked to notify, and not only told what fires. */
  isAsked(hub: string, { turn }: HandedRecord): boolean {
    return turn === undefined || turn.hub === hub;
  }

  /** Whether a receiver of this agent heard of it, or may have. */
  isDelivered(fact: Fact, record: HandedRecord): boolean {
    return this.#toldOf(fact, record).length > 0;
  }

  isKnown(hub: string, fact: Fact, record: HandedRecord): boolean {
    return ofHub(record, hub).confirmed === digestOf(this.about(hub, fact, record));
  }

  /** All that a hub shall hear of. Those that it knows come first, so that they stay within the bound. */
  listed({ name, refused }: HubLine): readonly Listed[] {
    const listed = this.#means.truth.all().flatMap((fact) => {
      const { fingerprint, status } = fact;
      const record = this.#recordOf(fact);
      if (record === undefined) return [];
      const { confirmed } = ofHub(record, name);
      if (refused.has(fingerprint) && confirmed === undefined) return [];
      // A hub that has never heard of it, and was not asked, need not hear that it has ended.
      if (status === 'ended' && confirmed === undefined && !this.#isOwed(name, record)) return [];
      return [{ fact, record, digest: digestOf(this.about(name, fact, record)) }];
    });
    const isNew = ({ record }: Listed) => (ofHub(record, name).confirmed === undefined ? 1 : 0);
    return listed.sort((a, b) => isNew(a) - isNew(b));
  }

  /** Whether a hub has heard of all that it shall hear. */
  isComplete(line: HubLine): boolean {
    return this.listed(line).every(({ record, digest }) => ofHub(record, line.name).confirmed === digest);
  }

  /** Whether the end of an alert must be kept until this hub has heard of it. */
  owes({ name, refused }: HubLine, fact: Fact): boolean {
    const record = this.#recordOf(fact);
    if (record === undefined || refused.has(fact.fingerprint) || !this.#isOwed(name, record)) return false;
    return !this.isKnown(name, fact, record);
  }

  #isOwed(name: string, record: HandedRecord): boolean {
    return this.isAsked(name, record) || ofHub(record, name).accepted > 0;
  }

  /** The others show it, and notify nobody. */
  #heldByTurn(hub: string, record: HandedRecord): string | undefined {
    const { turn } = record;
    if (turn === undefined || turn.hub === hub) return undefined;
    return `${NOTIFIED_BY_HUB}${this.#handed.labelOf(turn.hub)} notifies`;
  }

  /** Receivers that heard of it, or may have. */
  #toldOf({ fingerprint }: Fact, record: HandedRecord): ReturnType<typeof toldOf> {
    return toldOf(fingerprint, record, this.#means.ledger, this.#clock.elapsed());
  }

  #recordOf({ fingerprint, episode, origin }: Fact): HandedRecord | undefined {
    const record = origin === undefined ? this.#handed.get(fingerprint) : undefined;
    return record?.episode === episode ? record : undefined;
  }
}
