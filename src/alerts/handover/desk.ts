/**
 * The agent's side of the hand-over: which alerts its hubs must hear of, what they have confirmed, which of several is asked to notify,
 * and when receivers of this agent hear of an alert because no hub has confirmed it. A receiver that has heard of an alert hears its end
 * from the same side.
 */
import type { AlertsAnswer, AlertsMessage, HandedAlert } from '../../api/hub-alerts.ts';
import { MOST_HANDED } from '../../api/hub-alerts.ts';
import type { Clock } from '../../core/clock.ts';
import type { AlertDesk, AlertLine, AlertLink } from '../../host/hub/alert-desk.ts';
import { rank } from '../../plugin/notification.ts';
import type { Attempt } from '../notify/attempt-record.ts';
import type { HubSide } from '../notify/board.ts';
import type { Outcome } from '../notify/ledger.ts';
import type { Fact } from '../notify/truth.ts';
import type { OfHub } from '../why/why.ts';

import { askHub } from './ask-hub.ts';
import { Answers, noteHandover } from './answers.ts';
import { bodyOf } from './body.ts';
import { Deeds } from './deeds.ts';
import type { DeskMeans } from './desk-means.ts';
import { Handed, ofHub, type HandedRecord } from './handed.ts';
import { HubLine } from './hub-line.ts';
import { obey } from './obey.ts';
import { isOverdue, noteOverdue } from './overdue.ts';
import { Saying } from './saying.ts';
import { endOfTurns, firstTurn, nextTurn, type Candidate } from './turns.ts';

const LOOK_MS = 5000;

export class Desk implements HubSide, AlertDesk {
  readonly #clock: Clock;
  #means: DeskMeans | undefined;
  #handed: Handed | undefined;
  #saying: Saying | undefined;
  #answers: Answers | undefined;
  #deeds: Deeds | undefined;
  /** A reload opens the next one of a hub before it closes this one. */
  #opened: readonly HubLine[] = [];
  #isRunning = false;
  #lookedAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Before anything happens to alerts. */
  bind(means: DeskMeans): void {
    this.#means = means;
    this.#handed = new Handed(means.store, this.#clock);
    this.#deeds = new Deeds(means.store, this.#clock);
    this.#saying = new Saying(means, this.#handed, this.#clock);
    this.#answers = new Answers({ means, handed: this.#handed, saying: this.#saying, clock: this.#clock });
  }

  /** All that fires is known: before that, hubs would take what is not listed for ended. */
  start(): void {
    this.#isRunning = true;
    this.#takeAll();
  }

  /** What is known stays in the store. */
  stop(): void {
    this.#isRunning = false;
  }

  open(link: AlertLink): AlertLine {
    const line = new HubLine(link);
    this.#opened = [...this.#opened, line];
    if (this.#isRunning) this.#takeAll();
    const ifCurrent =
      <Args extends readonly unknown[]>(work: (...args: Args) => void) =>
      (...args: Args) => {
        if (this.#isCurrent(line)) work(...args);
      };
    return {
      began: ifCurrent((id: string, label: string) => {
        this.#began(line, id, label);
      }),
      heard: ifCurrent((version: string) => {
        this.#setState(line, { isHeard: true });
        if (version !== line.version) this.#newsFor(line);
      }),
      silent: ifCurrent(() => {
        this.#setState(line, { isHeard: false });
      }),
      next: () => (this.#isCurrent(line) ? this.#next(line) : undefined),
      answered: ifCurrent((message: AlertsMessage, answer: AlertsAnswer) => {
        this.#answered(line, message, answer);
      }),
      failed: () => {
        line.isAsked = false;
        line.isDirty = true;
      },
      tooLarge: () => {
        line.halve();
        line.isAsked = false;
        line.isDirty = true;
      },
      unavailable: ifCurrent(() => {
        this.#setState(line, { isUnavailable: true });
      }),
      close: () => {
        this.#closed(line);
      },
    };
  }

  heldUntil(fact: Fact, receiver?: string): number {
    const record = this.#recordOf(fact);
    const candidates = this.#candidates(fact.fingerprint);
    if (record === undefined || candidates.length === 0) return -Infinity;
    if (receiver !== undefined && record.elsewhere?.includes(receiver) === true) return Infinity;
    if (this.#saying?.isDelivered(fact, record) === true) return -Infinity;
    if (isAccepted(fact, record, candidates)) return Infinity;
    const now = this.#clock.elapsed();
    // Its turn begins with the next tick.
    const turn = record.turn ?? firstTurn(candidates, now);
    return turn === undefined ? -Infinity : endOfTurns(turn, candidates, now);
  }

  /** Who notifies of it instead of this agent, for people; undefined: this agent does, or will. */
  notifier(fact: Fact): string | undefined {
    if (this.heldUntil(fact) !== Infinity) return undefined;
    const hub = this.#recordOf(fact)?.turn?.hub;
    return this.#lines.length < 2 || hub === undefined ? 'the hub' : `the hub ${this.#handed?.labelOf(hub) ?? hub}`;
  }

  needs(fact: Fact): boolean {
    return this.#lines.some((line) => this.#saying?.owes(line, fact) === true);
  }

  changed(fact: Fact): void {
    const { fingerprint, episode, status, view, origin } = fact;
    if (this.#lines.length === 0 || origin !== undefined) return;
    const known = this.#recordOf(fact);
    if (status === 'firing') {
      const level = rank(view.level);
      if (known === undefined || level > known.level) {
        const turn = firstTurn(this.#candidates(fingerprint), this.#clock.elapsed(), ownerOf(known));
        const { turn: _, ...record } = known ?? { episode, hubs: {}, told: [] };
        this.#handed?.put(fingerprint, { ...record, level, isLate: false, ...(turn && { turn }) });
      }
    }
    this.#newsOf(fact);
  }

  /** Somebody has acknowledged an alert here, or withdrawn that. */
  acted(): void {
    this.#news();
  }

  /** What the hub that is asked to notify knows of an alert; undefined without a hub. */
  ask(fingerprint: string): Promise<OfHub | undefined> {
    const asked = this.#handed?.get(fingerprint)?.turn?.hub;
    const line = this.#lines.find(({ name }) => name === asked) ?? this.#lines[0];
    return askHub(line?.link, fingerprint, this.#clock);
  }

  settled(attempt: Attempt, outcome: Outcome, error: string | undefined): void {
    if (this.#lines.length === 0) return;
    const hubs = this.#lines.map(({ name }) => name);
    this.#deeds?.add(attempt, outcome, error, hubs);
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

  /** A silence may have begun or ended by its time, and the turn of a hub. @returns whether a turn goes on */
  tick(): boolean {
    const elapsed = this.#clock.elapsed();
    const isWaiting = this.#advance();
    if (elapsed - this.#lookedAt < LOOK_MS) return isWaiting;
    this.#lookedAt = elapsed;
    this.#noteLate(elapsed);
    for (const line of this.#lines) if (this.#saying?.isComplete(line) === false) this.#newsFor(line);
    return isWaiting;
  }

  /** What no hub has confirmed within its time. */
  #noteLate(elapsed: number): void {
    const [means, handed] = [this.#means, this.#handed];
    if (means === undefined || handed === undefined) return;
    const late = means.truth.firing().flatMap((fact) => {
      const record = this.#recordOf(fact);
      const candidates = this.#candidates(fact.fingerprint);
      if (record?.turn === undefined || candidates.length === 0) return [];
      const end = endOfTurns(record.turn, candidates, elapsed);
      return end <= elapsed && isOverdue(fact, record) ? [{ fact, end }] : [];
    });
    if (late.length > 0)
      means.store.transaction(() => {
        for (const { fact, end } of late) noteOverdue(fact, end, handed, { ...means, clock: this.#clock });
      });
  }

  /** In their order. */
  get #lines(): readonly HubLine[] {
    const current = this.#opened.filter((line) => this.#isCurrent(line));
    return current.length < 2 ? current : current.sort((a, b) => a.link.order() - b.link.order());
  }

  #isCurrent(line: HubLine): boolean {
    return this.#opened.findLast(({ name }) => name === line.name) === line;
  }

  #candidates(fingerprint: string): readonly Candidate[] {
    return this.#lines.flatMap((line) => line.candidate(fingerprint) ?? []);
  }

  /** With one hub there is nobody to pass it on to. @returns whether something waits for a hub */
  #advance(): boolean {
    const [means, handed] = [this.#means, this.#handed];
    if (!this.#isRunning || means === undefined || handed === undefined || this.#lines.length < 2) return false;
    const now = this.#clock.elapsed();
    const waiting = [...handed.all()].flatMap(([fingerprint, record]) => {
      const fact = means.truth.get(fingerprint);
      const candidates = this.#candidates(fingerprint);
      const isWith = fact === undefined || this.#recordOf(fact) === undefined || isAccepted(fact, record, candidates);
      if (isWith || this.#saying?.isDelivered(fact, record) === true) return [];
      const turn = record.turn === undefined ? firstTurn(candidates, now) : nextTurn(record.turn, candidates, now);
      return [{ fact, record, turn }];
    });
    const moved = waiting.filter(({ turn }) => turn !== undefined);
    if (moved.length > 0) {
      means.store.transaction(() => {
        for (const { fact, record, turn } of moved) {
          handed.put(fact.fingerprint, { ...record, ...(turn && { turn }) });
          noteHandover(means.store, this.#clock.now(), {
            reason: 'passed_on',
            view: fact.view,
            hub: handed.labelOf(turn?.hub ?? ''),
          });
        }
      });
      this.#news();
      means.reopen();
    }
    return waiting.length > 0;
  }

  #takeAll(): void {
    const means = this.#means;
    if (this.#lines.length === 0 || means === undefined) return;
    means.store.transaction(() => {
      for (const fact of means.truth.all()) this.changed(fact);
    });
    means.reopen();
  }

  #closed(line: HubLine): void {
    this.#opened = this.#opened.filter((each) => each !== line);
    const means = this.#means;
    if (!this.#isRunning || means === undefined) return;
    if (!this.#lines.some(({ name }) => name === line.name)) {
      means.store.transaction(() => {
        this.#deeds?.keepOnly(new Set(this.#lines.map(({ name }) => name)));
        for (const fact of means.truth.all()) this.#leave(fact, means);
      });
      means.reopen();
    }
    this.#news();
  }

  /** A hub is left: what only that one had to hear is done. In a transaction. */
  #leave(fact: Fact, means: DeskMeans): void {
    if (fact.status === 'firing') return;
    if (this.#lines.length > 0 && (this.#recordOf(fact) === undefined || this.needs(fact))) return;
    if (this.#lines.length > 0) this.#handed?.delete(fact.fingerprint);
    means.release(fact.fingerprint);
  }

  #began(line: HubLine, id: string, label: string): void {
    line.refused.clear();
    this.#means?.store.transaction(() => {
      this.#handed?.began(line.name, id, label);
    });
    this.#setState(line, { isUnavailable: false, isHeard: true });
    this.#newsFor(line);
  }

  #setState(line: HubLine, next: Partial<Pick<HubLine, 'isUnavailable' | 'isHeard' | 'delivers'>>): void {
    const { isUnavailable = line.isUnavailable, isHeard = line.isHeard, delivers = line.delivers } = next;
    const isSame =
      isUnavailable === line.isUnavailable &&
      delivers === line.delivers &&
      (isHeard === line.isHeard || this.#opened.length < 2);
    Object.assign(line, { isUnavailable, isHeard, delivers });
    if (isSame) return;
    this.#advance();
    this.#means?.reopen();
  }

  #next(line: HubLine): AlertsMessage | undefined {
    if (!this.#isRunning || !line.isDirty || this.#saying === undefined) return undefined;
    line.isDirty = false;
    line.seq += 1;
    // Without the key the hub could not know which of its receivers have heard of an alert from here.
    if (this.#handed?.keyOf(line.name) === undefined)
      return { seq: line.seq, open: null, alerts: [], acks: [], version: null };
    const all = this.#saying.listed(line);
    const open = all.filter(({ fact }) => fact.status === 'firing');
    for (const { fact } of open.slice(MOST_HANDED)) this.#giveUp(line, fact);
    const listed = [...open.slice(0, MOST_HANDED), ...all.filter(({ fact }) => fact.status === 'ended')];
    return {
      seq: line.seq,
      open: open.slice(0, MOST_HANDED).map(({ fact: { fingerprint }, digest }) => ({ fingerprint, digest })),
      alerts: listed
        .filter(({ record, digest }) => ofHub(record, line.name).confirmed !== digest)
        .slice(0, line.mostBodies)
        .flatMap((each) => this.#bodyOf(line, each) ?? []),
      acks: this.#acks(new Set(open.map(({ fact }) => fact.fingerprint))),
      version: line.version ?? null,
      deeds: this.#deeds?.next(line.name) ?? [],
    };
  }

  #acks(open: ReadonlySet<string>): AlertsMessage['acks'] {
    const registers = this.#means?.acks.registers((fingerprint) => (open.has(fingerprint) ? fingerprint : undefined));
    return [...(registers ?? [])].slice(0, MOST_HANDED);
  }

  #answered(line: HubLine, message: AlertsMessage, answer: AlertsAnswer): void {
    line.isAsked = false;
    const [means, answers, deeds] = [this.#means, this.#answers, this.#deeds];
    if (means === undefined || answers === undefined) return;
    means.store.transaction(() => {
      if (deeds?.said(line.name, message.deeds) === true) line.isDirty = true;
      line.version = answer.version;
      const isFirst = this.#lines[0] === line;
      // The other hubs shall know.
      if (obey(answer, means, { hub: line.name, isFirst }) && this.#lines.length > 1) this.#news();
      for (const fact of answers.take(line, message, answer, this.#lines)) this.#giveUp(line, fact);
    });
    this.#setState(line, { delivers: answer.delivers, isHeard: true });
    if (line.isDirty || this.#saying?.isComplete(line) === false) this.#newsFor(line);
    means.reopen();
  }

  #bodyOf(line: HubLine, { fact, record, digest }: ReturnType<Saying['listed']>[number]): HandedAlert | undefined {
    const said = this.#saying?.about(line.name, fact, record);
    const body =
      said &&
      bodyOf(fact, this.#means?.current(fact.fingerprint), {
        ...said,
        digest,
        elapsed: this.#clock.elapsed(),
        isBare: line.mostBodies === 1,
      });
    if (body === undefined) this.#giveUp(line, fact);
    else if (this.#saying?.isAsked(line.name, record) === true) {
      line.asking.add(body);
      line.isAsked = true;
    }
    return body;
  }

  /** Another hub notifies of it, or the agent by itself. */
  #giveUp(line: HubLine, fact: Fact): void {
    line.refused.add(fact.fingerprint);
    this.#means?.store.transaction(() => {
      if (fact.status === 'firing' || this.needs(fact)) return;
      this.#handed?.delete(fact.fingerprint);
      this.#means?.release(fact.fingerprint);
    });
    this.#advance();
    this.#means?.reopen();
  }

  #recordOf({ fingerprint, episode, origin }: Fact): HandedRecord | undefined {
    const record = origin === undefined ? this.#handed?.get(fingerprint) : undefined;
    return record?.episode === episode ? record : undefined;
  }

  #newsOf(fact: Fact): void {
    const record = this.#recordOf(fact);
    if (record === undefined) return;
    for (const line of this.#lines) if (this.#saying?.isKnown(line.name, fact, record) === false) this.#newsFor(line);
  }

  #news(): void {
    for (const line of this.#lines) this.#newsFor(line);
  }

  #newsFor(line: HubLine): void {
    line.isDirty = true;
    if (this.#isRunning) line.link.onNews();
  }
}

/** Whether a hub that may notify of it has said that it does. */
function isAccepted({ status, view }: Fact, record: HandedRecord, candidates: readonly Candidate[]): boolean {
  const least = status === 'ended' ? 1 : rank(view.level);
  return candidates.some(({ name }) => ofHub(record, name).accepted >= least);
}

/** The hub that notifies of it. */
function ownerOf(record: HandedRecord | undefined): string | undefined {
  const hub = record?.turn?.hub;
  return record !== undefined && hub !== undefined && ofHub(record, hub).accepted > 0 ? hub : undefined;
}
