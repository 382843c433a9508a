/**
 * The agent's side of the hand-over: which alerts the hub must hear of, what it has confirmed, and when receivers of this agent hear of
 * an alert because the hub has not. A receiver that has heard of an alert hears its end from the same side.
 */
import type { AlertsAnswer, AlertsMessage, HandedAlert, Resolution } from '../../api/hub-alerts.ts';
import { MOST_BODIES, MOST_HANDED } from '../../api/hub-alerts.ts';
import type { Clock } from '../../core/clock.ts';
import type { AlertDesk, AlertLine, AlertLink } from '../../host/hub/alert-desk.ts';
import { rank, type AlertView } from '../../plugin/notification.ts';
import type { Acks } from '../audience/acks.ts';
import type { Silences } from '../audience/silences.ts';
import type { Attempt } from '../notify/attempt-record.ts';
import type { HubSide } from '../notify/board.ts';
import type { Ledger, Outcome } from '../notify/ledger.ts';
import type { Fact, Truth } from '../notify/truth.ts';
import type { AlertStore } from '../store/store.ts';
import type { OfHub } from '../why/why.ts';

import { askHub } from './ask-hub.ts';
import { bodyOf, digestOf, type Said } from './body.ts';
import { Deeds } from './deeds.ts';
import { Handed, toldOf, type HandedRecord } from './handed.ts';
import { obey } from './obey.ts';
import { isOverdue, noteOverdue } from './overdue.ts';

/** What the desk asks of the notifications. */
export interface DeskMeans {
  readonly store: AlertStore;
  readonly truth: Truth;
  readonly ledger: Ledger;
  /** The alert as it is now. */
  readonly current: (fingerprint: string) => AlertView | undefined;
  /** Who silenced it here. */
  readonly held: (view: AlertView) => string | undefined;
  /** Hash of the address of a receiver, by a key of the hub. */
  readonly addressHash: (receiver: string, key: string) => string | undefined;
  /** The hub has heard of its end. In a transaction. */
  readonly release: (fingerprint: string) => void;
  /** What receivers may hear has changed. */
  readonly reopen: () => void;
  readonly acks: Acks;
  readonly silences: Silences;
  /** Ends an alert of this agent, since somebody did so at the hub. In a transaction. */
  readonly resolve: (resolution: Resolution) => void;
  /** Silences or acknowledgements have changed. In a transaction. */
  readonly reconsider: () => void;
}

const LOOK_MS = 5000;

export class Desk implements HubSide, AlertDesk {
  readonly #clock: Clock;
  #means: DeskMeans | undefined;
  #handed: Handed | undefined;
  /** A reload opens the next one before it closes this one. */
  #links: readonly AlertLink[] = [];
  /** It refuses this host, or cannot notify. */
  #isUnavailable = false;
  /** As the hub said last. */
  #delivers = true;
  #isDirty = false;
  #isRunning = false;
  /** Of messages, in this process. */
  #seq = 0;
  /** Of what people did at the hub, as it said last. */
  #version: string | undefined;
  #mostBodies = MOST_BODIES;
  #lookedAt = -Infinity;
  /** Attempts of this agent of which the hub has not heard. */
  readonly #deeds: Deeds;
  /** The hub has no room for them, or they cannot be said. */
  readonly #refused = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#deeds = new Deeds(clock);
  }

  /** Before anything happens to alerts. */
  bind(means: DeskMeans): void {
    this.#means = means;
    this.#handed = new Handed(means.store, this.#clock);
  }

  /** All that fires is known: before that, the hub would take what is not listed for ended. */
  start(): void {
    this.#isRunning = true;
    this.#takeAll();
  }

  /** What is known stays in the store. */
  stop(): void {
    this.#isRunning = false;
  }

  /** Whether a hub notifies, as far as this agent knows. */
  get isLinked(): boolean {
    return this.#link !== undefined && !this.#isUnavailable && this.#delivers;
  }

  open(link: AlertLink): AlertLine {
    this.#links = [...this.#links, link];
    this.#isUnavailable = false;
    if (this.#isRunning) this.#takeAll();
    return {
      began: (id) => {
        if (this.#link === link) this.#began(id);
      },
      heard: (version) => {
        if (this.#link === link && version !== this.#version) this.#news();
      },
      next: () => (this.#link === link ? this.#next() : undefined),
      answered: (message, answer) => {
        if (this.#link === link) this.#answered(message, answer);
      },
      failed: () => {
        this.#isDirty = true;
      },
      tooLarge: () => {
        this.#mostBodies = Math.max(1, Math.floor(this.#mostBodies / 2));
        this.#isDirty = true;
      },
      unavailable: () => {
        if (this.#link === link) this.#setUnavailable(true);
      },
      close: () => {
        this.#closed(link);
      },
    };
  }

  heldUntil(fact: Fact, receiver?: string): number {
    const link = this.#link;
    const record = this.#recordOf(fact);
    if (link === undefined || record === undefined || !this.isLinked || this.#refused.has(fact.fingerprint))
      return -Infinity;
    if (receiver !== undefined && record.elsewhere?.includes(receiver) === true) return Infinity;
    if (this.#isDelivered(fact, record)) return -Infinity;
    const least = fact.status === 'ended' ? 1 : rank(fact.view.level);
    return record.accepted >= least ? Infinity : record.at + link.deliverAfterMs;
  }

  needs(fact: Fact): boolean {
    const isSaid = this.#link !== undefined && !this.#refused.has(fact.fingerprint);
    return isSaid && this.#recordOf(fact) !== undefined;
  }

  changed(fact: Fact): void {
    const { fingerprint, episode, status, view, origin } = fact;
    if (this.#link === undefined || origin !== undefined) return;
    const known = this.#recordOf(fact);
    if (status === 'firing') {
      const level = rank(view.level);
      const at = this.#clock.elapsed();
      if (known === undefined) this.#handed?.put(fingerprint, { episode, accepted: 0, told: [], level, at });
      else if (level > known.level) this.#handed?.put(fingerprint, { ...known, level, at, isLate: false });
    }
    this.#newsOf(fact);
  }

  /** Somebody has acknowledged an alert here, or withdrawn that. */
  acted(): void {
    if (this.#link !== undefined) this.#news();
  }

  /** What the hub knows of an alert; undefined without a hub. */
  ask(fingerprint: string): Promise<OfHub | undefined> {
    return askHub(this.#link, fingerprint, this.#clock);
  }

  settled(attempt: Attempt, outcome: Outcome, error: string | undefined): void {
    if (this.#link === undefined) return;
    this.#deeds.add(attempt, outcome, error);
    this.#news();
    const { receiver } = attempt;
    for (const { fingerprint } of [...attempt.listed, ...attempt.counted]) {
      const record = this.#handed?.get(fingerprint);
      if (outcome !== 'not_sent' && record !== undefined) {
        const others = record.told.filter((each) => each.receiver !== receiver);
        const told = [...others, { receiver, at: this.#clock.elapsed() }];
        this.#handed?.put(fingerprint, { ...record, told });
      }
      const fact = this.#means?.truth.get(fingerprint);
      if (fact !== undefined) this.#newsOf(fact);
    }
  }

  /** A silence may have begun or ended by its time. */
  tick(): void {
    const elapsed = this.#clock.elapsed();
    if (this.#link === undefined || elapsed - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = elapsed;
    this.#noteLate(elapsed);
    if (this.#unconfirmed().length > 0) this.#news();
  }

  /** What the hub has not confirmed within its time. */
  #noteLate(elapsed: number): void {
    const [means, handed, after] = [this.#means, this.#handed, this.#link?.deliverAfterMs];
    if (means === undefined || handed === undefined || after === undefined || !this.isLinked) return;
    const late = means.truth.firing().filter((fact) => isOverdue(fact, this.#recordOf(fact), elapsed - after));
    if (late.length > 0)
      means.store.transaction(() => {
        for (const fact of late) noteOverdue(fact, handed, { ...means, after, clock: this.#clock });
      });
  }

  get #link(): AlertLink | undefined {
    return this.#links.at(-1);
  }

  #takeAll(): void {
    const means = this.#means;
    if (this.#link === undefined || means === undefined) return;
    means.store.transaction(() => {
      for (const fact of means.truth.all()) this.changed(fact);
    });
    means.reopen();
  }

  #closed(link: AlertLink): void {
    this.#links = this.#links.filter((each) => each !== link);
    const means = this.#means;
    if (!this.#isRunning || means === undefined) return;
    if (this.#link !== undefined) {
      this.#news();
      return;
    }
    means.store.transaction(() => {
      for (const { fingerprint } of means.truth.all()) means.release(fingerprint);
    });
    means.reopen();
  }

  #began(id: string): void {
    this.#refused.clear();
    this.#means?.store.transaction(() => {
      this.#handed?.of(id);
    });
    this.#setUnavailable(false);
    this.#news();
  }

  #setUnavailable(isUnavailable: boolean): void {
    if (this.#isUnavailable === isUnavailable) return;
    this.#isUnavailable = isUnavailable;
    this.#means?.reopen();
  }

  #next(): AlertsMessage | undefined {
    if (!this.#isRunning || !this.#isDirty) return undefined;
    this.#isDirty = false;
    this.#seq += 1;
    // Without the key the hub could not know which of its receivers have heard of an alert from here.
    if (this.#handed?.key === undefined) return { seq: this.#seq, open: null, alerts: [], acks: [], version: null };
    const all = this.#listed();
    const open = all.filter(({ fact }) => fact.status === 'firing');
    for (const { fact } of open.slice(MOST_HANDED)) this.#giveUp(fact);
    const listed = [...open.slice(0, MOST_HANDED), ...all.filter(({ fact }) => fact.status === 'ended')];
    return {
      seq: this.#seq,
      open: open.slice(0, MOST_HANDED).map(({ fact: { fingerprint }, digest }) => ({ fingerprint, digest })),
      alerts: listed
        .filter(({ record, digest }) => record.confirmed !== digest)
        .slice(0, this.#mostBodies)
        .flatMap((each) => this.#bodyOf(each) ?? []),
      acks: this.#acks(new Set(open.map(({ fact }) => fact.fingerprint))),
      version: this.#version ?? null,
      deeds: this.#deeds.next(),
    };
  }

  #acks(open: ReadonlySet<string>): AlertsMessage['acks'] {
    const registers = this.#means?.acks.registers((fingerprint) => (open.has(fingerprint) ? fingerprint : undefined));
    return [...(registers ?? [])].slice(0, MOST_HANDED);
  }

  #answered({ alerts, deeds }: AlertsMessage, answer: AlertsAnswer): void {
    if (this.#deeds.said(deeds)) this.#isDirty = true;
    const { delivers, key, missing, refused, told } = answer;
    const [means, handed] = [this.#means, this.#handed];
    if (means === undefined || handed === undefined) return;
    this.#delivers = delivers;
    means.store.transaction(() => {
      if (handed.setKey(key)) this.#isDirty = true;
      this.#version = answer.version;
      obey(answer, means);
      for (const alert of alerts) {
        const fact = means.truth.get(alert.view.fingerprint);
        if (!refused.includes(alert.view.fingerprint)) this.#confirmed(alert, delivers, handed, means);
        else if (fact !== undefined) this.#giveUp(fact);
      }
      for (const { fingerprint, hashes } of told) this.#toldByHub(fingerprint, hashes, key);
      for (const fingerprint of missing) {
        const record = handed.get(fingerprint);
        if (record?.confirmed !== undefined) handed.put(fingerprint, { ...record, confirmed: undefined });
      }
    });
    if (this.#isDirty || this.#unconfirmed().length > 0) this.#news();
    means.reopen();
  }

  /** The hub tells these the end, unless they have heard of it from here. */
  #toldByHub(fingerprint: string, hashes: readonly string[], key: string): void {
    const record = this.#handed?.get(fingerprint);
    const { ledger, addressHash } = this.#means ?? {};
    if (record === undefined || ledger === undefined) return;
    const unheard = ledger.about(fingerprint).filter((row) => ledger.isUnheard(row));
    const elsewhere = unheard
      .map(({ receiver }) => receiver)
      .filter((name) => hashes.includes(addressHash?.(name, key) ?? ''));
    if (elsewhere.length > 0) this.#handed?.put(fingerprint, { ...record, elsewhere });
  }

  #confirmed(alert: HandedAlert, delivers: boolean, handed: Handed, means: DeskMeans): void {
    const { episode, digest, status, isDelivered, view } = alert;
    const { fingerprint, rule, host, level } = view;
    const record = handed.get(fingerprint);
    if (record?.episode !== episode) return;
    if (status === 'ended') {
      const fact = means.truth.get(fingerprint);
      if (fact?.episode !== episode || fact.status !== 'ended') return;
      if (digestOf(this.#saidOf(fact, record)) !== digest) return;
      handed.delete(fingerprint);
      means.release(fingerprint);
      this.#note('ended', { fingerprint, rule, host });
      return;
    }
    const isTaken = delivers && !isDelivered;
    const accepted = isTaken ? Math.max(record.accepted, rank(level)) : record.accepted;
    handed.put(fingerprint, { ...record, confirmed: digest, accepted });
    if (accepted > record.accepted) this.#note('handed_over', { fingerprint, rule, host });
  }

  #note(reason: string, about: { readonly fingerprint: string; readonly rule: string; readonly host: string }): void {
    this.#means?.store.audit({ at: this.#clock.now(), kind: 'handover', reason, ...about });
  }

  /** Those that the hub knows first, so that they stay within the bound. */
  #listed(): readonly Listed[] {
    const facts = this.#means?.truth.all() ?? [];
    const listed = facts.flatMap((fact) => {
      const record = this.#recordOf(fact);
      if (record === undefined || (this.#refused.has(fact.fingerprint) && record.confirmed === undefined)) return [];
      return [{ fact, record, digest: digestOf(this.#saidOf(fact, record)) }];
    });
    const isNew = ({ record }: Listed) => (record.confirmed === undefined ? 1 : 0);
    return listed.sort((a, b) => isNew(a) - isNew(b));
  }

  #unconfirmed(): readonly Listed[] {
    return this.#listed().filter(({ record, digest }) => record.confirmed !== digest);
  }

  #bodyOf({ fact, record, digest }: Listed): HandedAlert | undefined {
    const body = bodyOf(fact, this.#means?.current(fact.fingerprint), {
      ...this.#saidOf(fact, record),
      digest,
      elapsed: this.#clock.elapsed(),
      isBare: this.#mostBodies === 1,
    });
    if (body === undefined) this.#giveUp(fact);
    return body;
  }

  /** The agent notifies of it by itself. */
  #giveUp({ fingerprint, status }: Fact): void {
    this.#refused.add(fingerprint);
    this.#means?.store.transaction(() => {
      if (status === 'firing') return;
      this.#handed?.delete(fingerprint);
      this.#means?.release(fingerprint);
    });
    this.#means?.reopen();
  }

  #saidOf(fact: Fact, record: HandedRecord): Said {
    const means = this.#means;
    const { key } = this.#handed ?? {};
    const told = this.#toldOf(fact, record).flatMap(({ receiver, ageMs }) => {
      const hash = key === undefined ? undefined : means?.addressHash(receiver, key);
      return hash === undefined ? [] : [{ hash, ageMs }];
    });
    return { fact, told, isDelivered: this.#isDelivered(fact, record), held: means?.held(fact.view) };
  }

  #isDelivered(fact: Fact, record: HandedRecord): boolean {
    return this.#toldOf(fact, record).length > 0;
  }

  /** Receivers that heard of it, or may have. */
  #toldOf(fact: Fact, record: HandedRecord): ReturnType<typeof toldOf> {
    return toldOf(fact.fingerprint, record, this.#means?.ledger, this.#clock.elapsed());
  }

  #recordOf({ fingerprint, episode, origin }: Fact): HandedRecord | undefined {
    const record = origin === undefined ? this.#handed?.get(fingerprint) : undefined;
    return record?.episode === episode ? record : undefined;
  }

  #newsOf(fact: Fact): void {
    const record = this.#recordOf(fact);
    if (record !== undefined && record.confirmed !== digestOf(this.#saidOf(fact, record))) this.#news();
  }

  #news(): void {
    this.#isDirty = true;
    if (this.#isRunning) this.#link?.onNews();
  }
}

interface Listed {
  readonly fact: Fact;
  readonly record: HandedRecord;
  readonly digest: string;
}
