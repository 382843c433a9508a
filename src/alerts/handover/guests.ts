/**
 * The hub's side of the hand-over: alerts of other hosts, which the hub notifies of as of its own. They end when their host says so, when
 * it does not list them any more, or when it is forgotten; silence of the host ends nothing.
 */
import { createHash, randomBytes } from 'node:crypto';

import {
  MOST_HANDED,
  type AlertsAnswer,
  type AlertsMessage,
  type Deed,
  type HandedAlert,
  MOST_RESOLUTIONS,
  type Resolution,
} from '../../api/hub-alerts.ts';
import type { WhyAnswer } from '../../api/why.ts';
import type { Clock } from '../../core/clock.ts';
import type { Tags } from '../../metric/metric.ts';
import { z } from '../../plugin/index.ts';
import { ALERT_LEVELS, rank, type AlertView } from '../../plugin/notification.ts';
import type { Acks } from '../audience/acks.ts';
import type { Silences } from '../audience/silences.ts';
import type { Fact, Truth } from '../notify/truth.ts';
import type { AlertStore, Collection } from '../store/store.ts';

import { noteDeed } from './deeds-desk.ts';

/** Host of an agent. */
export interface GuestHost {
  readonly id: string;
  readonly name: string;
  /** Labels of all of its alerts. */
  readonly tags: Tags;
}

export interface GuestsMeans {
  readonly store: AlertStore;
  readonly truth: Truth;
  readonly clock: Clock;
  /** Whether there are receivers. */
  readonly delivers: () => boolean;
  /** In a transaction. */
  readonly takeIn: (fact: Fact) => void;
  /** Receivers with these addresses hear the rest of the alert from the agent. In a transaction. */
  readonly handOff: (fact: Fact, told: HandedAlert['told'], key: string) => void;
  /** Hashes of the addresses of receivers that heard of it, or may have. */
  readonly toldOf: (fingerprint: string, key: string) => readonly string[];
  readonly acks: Acks;
  readonly silences: Silences;
  /** Acknowledgements have changed. In a transaction. */
  readonly reconsider: () => void;
  /** By its fingerprint here. */
  readonly why: (fingerprint: string) => WhyAnswer | undefined;
}

const stored = z.object({
  /** Fingerprint here: another one than at the agent if two hosts have the same. */
  key: z.string(),
  episode: z.string(),
  digest: z.string(),
  status: z.enum(['firing', 'ended']),
  /** Somebody ended it here, and its agent has not heard of that. */
  byHand: z.object({ level: z.enum(ALERT_LEVELS), by: z.string(), comment: z.string() }).optional(),
});

type Known = Readonly<z.output<typeof stored>>;

/** Receivers of an alert that an answer names. */
const MOST_TOLD = 50;
/** Of all hosts. */
const MOST = 20_000;
/** Alerts that have ended, and are remembered. */
const MOST_PAST = 2000;
/** Clocks differ, and nobody waits longer. ms. */
const LONGEST_AGE_MS = 86_400_000;
/** No host. */
const KEY = '';

export class Guests {
  readonly #means: GuestsMeans;
  readonly #table: Collection;
  /** Host → fingerprint at its agent → what is known of it. */
  readonly #known = new Map<string, Map<string, Known>>();
  #keptKey: string | undefined;
  /** Of this process, so that agents ask again after a restart. */
  readonly #start = randomBytes(6).toString('hex');
  /** Host → number of what people did about its alerts. */
  readonly #acts = new Map<string, number>();
  #silencesRev = 0;
  #count = 0;
  /** Host and fingerprint at its agent → fingerprint here, of alerts that have ended. */
  readonly #past = new Map<string, { readonly key: string }>();

  constructor(means: GuestsMeans) {
    this.#means = means;
    this.#table = means.store.collection('handed_in');
    for (const [place, value] of this.#table.entries()) {
      const [host = '', fingerprint] = place.split(' ');
      const parsed = stored.safeParse(value);
      if (parsed.success && fingerprint !== undefined) this.#set(host, fingerprint, parsed.data);
      else if (place !== KEY) this.#table.delete(place);
    }
  }

  /** All or nothing; on disk when it returns. */
  take(host: GuestHost, message: AlertsMessage): AlertsAnswer {
    const { open, alerts, acks, deeds = [] } = message;
    const { store, delivers } = this.#means;
    const [key, isDelivering] = [this.#key, delivers()];
    const nothing = { missing: [], refused: [], told: [], acks: [] };
    if (open === null) return { delivers: isDelivering, key, ...nothing, ...this.#policy(host, message) };
    return store.transaction(() => {
      const refused = alerts.flatMap((alert) => (this.#take(host, alert) ? [] : [alert.view.fingerprint]));
      for (const deed of deeds) this.#noteDeed(host, deed);
      const listed = new Set([...open, ...alerts.map(({ view }) => view)].map(({ fingerprint }) => fingerprint));
      for (const [fingerprint, known] of [...this.#of(host.id)])
        if (!listed.has(fingerprint)) this.#gone(host.id, fingerprint, known, 'not reported any more');
      const missing = open.filter(({ fingerprint, digest }) => {
        const known = this.#of(host.id).get(fingerprint);
        if (known?.byHand !== undefined) return false;
        return known?.digest !== digest || known.status === 'ended';
      });
      const answer = {
        missing: missing.map(({ fingerprint }) => fingerprint),
        refused,
        told: this.#told(host.id, alerts),
        resolutions: this.#resolutions(host.id, listed),
      };
      return {
        delivers: isDelivering,
        key,
        ...answer,
        acks: this.#mergeAcks(host.id, acks),
        ...this.#policy(host, message),
      };
    });
  }

  /** What is known here of an alert of a host; undefined if it has none such. @param fingerprint at the host */
  why(host: string, fingerprint: string): WhyAnswer | undefined {
    const known = this.#of(host).get(fingerprint) ?? this.#past.get(`${host} ${fingerprint}`);
    return known && this.#means.why(known.key);
  }

  /** Of all that people did here about a host, for its heartbeats. */
  version({ id, name, tags }: GuestHost): string {
    const about = createHash('sha256')
      .update(JSON.stringify([name, tags]))
      .digest('hex')
      .slice(0, 8);
    return [this.#start, this.#silencesRev, this.#acts.get(id) ?? 0, about].join('-');
  }

  /** Silences were made or expired. */
  silenced(): void {
    this.#silencesRev += 1;
  }

  /** An alert was acknowledged, or that was withdrawn. */
  acted(fingerprint: string): void {
    const host = this.#means.truth.get(fingerprint)?.origin?.host;
    if (host !== undefined) this.#acts.set(host, (this.#acts.get(host) ?? 0) + 1);
  }

  /** Somebody ends it: at once here, and at its agent with its next message. In a transaction. @param key fingerprint here */
  resolve(key: string, by: string, comment: string): void {
    const fact = this.#means.truth.get(key);
    const host = fact?.origin?.host;
    if (fact?.status !== 'firing' || host === undefined) return;
    for (const [fingerprint, known] of this.#of(host)) {
      if (known.key !== key) continue;
      this.#put(host, fingerprint, { ...known, status: 'ended', byHand: { level: fact.view.level, by, comment } });
      this.#end(key, `by hand: ${by}`);
      this.#acts.set(host, (this.#acts.get(host) ?? 0) + 1);
    }
  }

  /** The host is forgotten: what fired there ends. @param reason for people */
  forget(host: string, reason: string): void {
    this.#means.store.transaction(() => {
      for (const [fingerprint, known] of [...this.#of(host)]) this.#gone(host, fingerprint, known, reason);
    });
    this.#known.delete(host);
  }

  /** Hosts that are not known any more are forgotten, as after a restored backup. */
  retain(isKnown: (host: string) => boolean): void {
    for (const host of [...this.#known.keys()]) if (!isKnown(host)) this.forget(host, 'host_forgotten');
  }

  /** An alert of the hub itself has this fingerprint. In a transaction. */
  makeRoom(key: string): void {
    const fact = this.#means.truth.get(key);
    if (fact?.origin === undefined) return;
    const { host } = fact.origin;
    for (const [fingerprint, known] of [...this.#of(host)]) {
      if (known.key !== key) continue;
      this.#end(key, 'another alert has its id');
      this.#delete(host, fingerprint);
    }
  }

  /** Of an alert of this host only. One that has ended is remembered for a while, since its last message follows. */
  #noteDeed(host: GuestHost, deed: Deed): void {
    const { store, clock, truth } = this.#means;
    const known = this.#of(host.id).get(deed.fingerprint);
    const subject = known === undefined ? this.#past.get(`${host.id} ${deed.fingerprint}`) : { key: known.key };
    if (subject === undefined) return;
    const rule = truth.get(subject.key)?.view.rule;
    noteDeed(deed, { ...subject, rule, host: host.name }, host.name, store, clock);
  }

  /** @returns whether there is room for it */
  #take(host: GuestHost, alert: HandedAlert): boolean {
    const { fingerprint } = alert.view;
    const known = this.#of(host.id).get(fingerprint);
    if (known === undefined && this.#count >= MOST) return false;
    if (known?.status === 'ended' && known.episode === alert.episode && !isWorse(known, alert)) return true;
    const key = known?.key ?? this.#freeKey(host.id, fingerprint);
    const fact = this.#factOf(key, host, alert);
    const before = this.#means.truth.get(key);
    this.#put(host.id, fingerprint, { key, episode: alert.episode, digest: alert.digest, status: alert.status });
    this.#note(fact, before);
    if (fact.status === 'ended' && before?.status !== 'firing') this.#missed(fact);
    else {
      this.#means.handOff(fact, alert.told, this.#key);
      this.#means.takeIn(fact);
    }
    return true;
  }

  /** It came and went while the hub was away. */
  #missed(fact: Fact): void {
    if (fact.origin?.isDelivered === true) return;
    this.#means.takeIn({ ...fact, status: 'firing', view: { ...fact.view, status: 'firing', endsAt: undefined } });
    this.#means.takeIn(fact);
  }

  #policy(host: GuestHost, { version }: AlertsMessage): Pick<AlertsAnswer, 'version' | 'silences' | 'tags'> {
    const now = this.version(host);
    if (version === now) return { version: now };
    return { version: now, silences: [...this.#means.silences.forHost(host.name)], tags: { ...host.tags } };
  }

  /** @returns those of the hub that the agent must learn */
  #mergeAcks(host: string, given: AlertsMessage['acks']): AlertsAnswer['acks'] {
    const { acks, truth, reconsider } = this.#means;
    let isChanged = false;
    for (const register of given) {
      const fact = truth.get(this.#of(host).get(register.fingerprint)?.key ?? '');
      if (fact?.status === 'firing' && acks.merge(fact.view, register, 'ours')) isChanged = true;
    }
    if (isChanged) reconsider();
    const names = new Map([...this.#of(host)].map(([fingerprint, { key }]) => [key, fingerprint]));
    const known = new Map(given.map((register) => [register.fingerprint, register]));
    return acks
      .registers((key) => names.get(key))
      .filter(({ fingerprint, rev, ack }) => {
        const there = known.get(fingerprint);
        return there === undefined || rev > there.rev || (rev === there.rev && ack?.by !== there.ack?.by);
      })
      .slice(0, MOST_HANDED);
  }

  /** Those that the agent still lists. */
  #resolutions(host: string, listed: ReadonlySet<string>): Resolution[] {
    const all = [...this.#of(host)].flatMap(([fingerprint, { episode, byHand }]) =>
      byHand === undefined || !listed.has(fingerprint) ? [] : [{ fingerprint, episode, ...byHand }],
    );
    return all.slice(0, MOST_RESOLUTIONS);
  }

  #told(host: string, alerts: readonly HandedAlert[]): AlertsAnswer['told'] {
    return alerts.flatMap(({ isDelivered, view: { fingerprint } }) => {
      const key = this.#of(host).get(fingerprint)?.key;
      const hashes = isDelivered && key !== undefined ? this.#means.toldOf(key, this.#key) : [];
      return hashes.length === 0 ? [] : [{ fingerprint, hashes: hashes.slice(0, MOST_TOLD) }];
    });
  }

  #factOf(fingerprint: string, host: GuestHost, alert: HandedAlert): Fact {
    const { clock } = this.#means;
    const { episode, status, view, worst, isQuiet, ageMs, contextMs, held, isDelivered } = alert;
    const elapsed = clock.elapsed();
    return {
      fingerprint,
      episode,
      status,
      view: viewOf(view, fingerprint, host.tags),
      worst,
      since: elapsed - Math.min(ageMs, LONGEST_AGE_MS),
      isQuiet,
      origin: { host: host.id, name: host.name, isDelivered, held },
      ...(contextMs !== undefined && { contextUntil: elapsed + contextMs }),
    };
  }

  /** Ids are the same at agent and hub, unless another alert has it already. */
  #freeKey(host: string, fingerprint: string): string {
    const there = this.#means.truth.get(fingerprint);
    if (there === undefined || there.origin?.host === host) return fingerprint;
    return createHash('sha256').update(`${host} ${fingerprint}`).digest('hex').slice(0, 16);
  }

  #gone(host: string, fingerprint: string, { key, status }: Known, reason: string): void {
    if (status === 'firing') this.#end(key, reason);
    this.#remember(host, fingerprint, key);
    this.#delete(host, fingerprint);
  }

  #remember(host: string, fingerprint: string, key: string): void {
    const place = `${host} ${fingerprint}`;
    this.#past.delete(place);
    this.#past.set(place, { key });
    const [oldest] = this.#past.keys();
    if (this.#past.size > MOST_PAST && oldest !== undefined) this.#past.delete(oldest);
  }

  #end(key: string, detail: string): void {
    const { truth, clock, takeIn } = this.#means;
    const fact = truth.get(key);
    if (fact?.status !== 'firing' || fact.origin === undefined) return;
    const view: AlertView = { ...fact.view, status: 'resolved', endsAt: clock.now(), detail };
    const { contextUntil: _, ...rest } = fact;
    const ended: Fact = { ...rest, status: 'ended', view, since: clock.elapsed() };
    this.#note(ended, fact);
    takeIn(ended);
  }

  /** Only when something has happened to it. */
  #note({ fingerprint, status, view, origin }: Fact, before: Fact | undefined): void {
    const reason = eventOf({ status, view }, before);
    const isSame = before?.origin?.isDelivered === origin?.isDelivered;
    if (reason === undefined && isSame) return;
    const { store, clock } = this.#means;
    const { rule, host, detail, level, summary, value, unit, threshold, startsAt, endsAt, tags } = view;
    store.audit({
      at: clock.now(),
      kind: 'handover',
      reason: reason ?? (origin?.isDelivered === true ? 'delivered_by_agent' : 'taken_over'),
      fingerprint,
      rule,
      host,
      detail: {
        ...{ from: origin?.name, byAgent: origin?.isDelivered, level, summary, value, unit, threshold },
        ...{ startsAt, endsAt, tags, ...(detail && { detail }) },
      },
    });
  }

  #of(host: string): ReadonlyMap<string, Known> {
    return this.#known.get(host) ?? new Map<string, Known>();
  }

  #set(host: string, fingerprint: string, known: Known): void {
    const all = this.#known.get(host) ?? new Map<string, Known>();
    this.#known.set(host, all);
    if (!all.has(fingerprint)) this.#count += 1;
    all.set(fingerprint, known);
  }

  #put(host: string, fingerprint: string, known: Known): void {
    this.#set(host, fingerprint, known);
    this.#table.put(`${host} ${fingerprint}`, known);
  }

  #delete(host: string, fingerprint: string): void {
    if (this.#known.get(host)?.delete(fingerprint) === true) this.#count -= 1;
    this.#table.delete(`${host} ${fingerprint}`);
  }

  /** For hashes of addresses. Made when a host is there: most agents store nothing. */
  get #key(): string {
    return (this.#keptKey ??= this.#readKey());
  }

  #readKey(): string {
    const known = z.string().safeParse(this.#table.get(KEY)).data;
    if (known !== undefined) return known;
    const key = randomBytes(16).toString('hex');
    this.#table.put(KEY, key);
    return key;
  }
}

/** One that was ended by hand has got worse since, which nobody knew then. */
function isWorse({ byHand }: Known, { status, view }: HandedAlert): boolean {
  return byHand !== undefined && status === 'firing' && rank(view.level) > rank(byHand.level);
}

function eventOf({ status, view }: Pick<Fact, 'status' | 'view'>, before: Fact | undefined): string | undefined {
  if (status === 'ended') return before?.status === 'ended' ? undefined : 'resolved';
  if (before?.status !== 'firing') return 'fired';
  if (view.flapping !== before.view.flapping) return view.flapping ? 'flapping_start' : 'flapping_end';
  const change = rank(view.level) - rank(before.view.level);
  return change === 0 ? undefined : change > 0 ? 'level_up' : 'level_down';
}

/** Tags of the host are labels, so that routes and silences know groups of hosts. */
function viewOf(view: HandedAlert['view'], fingerprint: string, tags: Tags): AlertView {
  return {
    ...{ description: undefined, runbook: undefined, value: undefined, firedValue: undefined, silentSince: undefined },
    ...{ threshold: undefined, clear: undefined, direction: undefined, endsAt: undefined, detail: undefined },
    trend: undefined,
    ...view,
    fingerprint,
    labels: { ...tags, ...view.labels },
    ack: undefined,
    silenced: false,
  };
}
