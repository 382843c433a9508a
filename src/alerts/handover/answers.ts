/** What the answer of a hub says about the alerts of the message: which it has, of which it notifies, and whom it has told. */
import type { AlertsAnswer, AlertsMessage, HandedAlert } from '../../api/hub-alerts.ts';
import type { Clock } from '../../core/clock.ts';
import { rank, type AlertView } from '../../plugin/notification.ts';
import type { Fact } from '../notify/truth.ts';
import type { AlertStore } from '../store/store.ts';

import { digestOf } from './body.ts';
import type { DeskMeans } from './desk-means.ts';
import { ofHub, withHub, type Handed } from './handed.ts';
import type { HubLine } from './hub-line.ts';
import type { Saying } from './saying.ts';

export interface AnswersOptions {
  readonly means: Pick<DeskMeans, 'store' | 'truth' | 'ledger' | 'addressHash' | 'release'>;
  readonly handed: Handed;
  readonly saying: Saying;
  readonly clock: Pick<Clock, 'now'>;
}

export class Answers {
  readonly #options: AnswersOptions;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /**
   * In a transaction.
   *
   * @param lines to all hubs
   * @returns those that the hub has no room for
   */
  take(line: HubLine, { alerts }: AlertsMessage, answer: AlertsAnswer, lines: readonly HubLine[]): readonly Fact[] {
    const { delivers, key, missing, refused, told } = answer;
    const { means, handed } = this.#options;
    if (handed.setKey(line.name, key)) line.isDirty = true;
    const isRefused = ({ view }: HandedAlert) => refused.includes(view.fingerprint);
    for (const alert of alerts) if (!isRefused(alert)) this.#confirmed(line, alert, delivers, lines);
    for (const { fingerprint, hashes } of told) this.#toldByHub(fingerprint, { hashes, key }, lines);
    for (const fingerprint of missing) {
      const record = handed.get(fingerprint);
      if (record === undefined) continue;
      const { confirmed, accepted } = ofHub(record, line.name);
      if (confirmed !== undefined) handed.put(fingerprint, withHub(record, line.name, { accepted }));
    }
    return alerts.filter(isRefused).flatMap(({ view }) => means.truth.get(view.fingerprint) ?? []);
  }

  /** The hub tells these the end, unless they have heard of it from here. */
  #toldByHub(
    fingerprint: string,
    { hashes, key }: { readonly hashes: readonly string[]; readonly key: string },
    lines: readonly HubLine[],
  ): void {
    const { handed, means } = this.#options;
    const { ledger, addressHash } = means;
    const record = handed.get(fingerprint);
    if (record === undefined) return;
    const unheard = ledger.about(fingerprint).filter((row) => ledger.isUnheard(row));
    const named = unheard
      .map(({ receiver }) => receiver)
      .filter((name) => hashes.includes(addressHash(name, key) ?? ''));
    if (named.length === 0) return;
    // Another hub may tell others.
    const before = lines.length < 2 ? [] : (record.elsewhere ?? []);
    handed.put(fingerprint, { ...record, elsewhere: [...new Set([...before, ...named])] });
  }

  #confirmed(line: HubLine, alert: HandedAlert, delivers: boolean, lines: readonly HubLine[]): void {
    const { handed } = this.#options;
    const { episode, digest, status, view, isDelivered } = alert;
    const record = handed.get(view.fingerprint);
    if (record?.episode !== episode) return;
    if (status === 'ended') {
      this.#ended(line, alert, lines);
      return;
    }
    const at = ofHub(record, line.name);
    const isTaken = delivers && !isDelivered && line.asking.has(alert);
    const accepted = isTaken ? Math.max(at.accepted, rank(view.level)) : at.accepted;
    handed.put(view.fingerprint, withHub(record, line.name, { confirmed: digest, accepted }));
    const hub = lines.length < 2 ? undefined : handed.labelOf(line.name);
    if (accepted > at.accepted) this.#note('handed_over', view, hub);
  }

  /** When each hub that must hear of the end has heard of it, nothing is kept of the alert. */
  #ended(line: HubLine, { episode, digest, view }: HandedAlert, lines: readonly HubLine[]): void {
    const { handed, saying, means } = this.#options;
    const { fingerprint } = view;
    const [record, fact] = [handed.get(fingerprint), means.truth.get(fingerprint)];
    if (record === undefined || fact?.episode !== episode || fact.status !== 'ended') return;
    if (digestOf(saying.about(line.name, fact, record)) !== digest) return;
    handed.put(fingerprint, withHub(record, line.name, { ...ofHub(record, line.name), confirmed: digest }));
    if (lines.some((each) => saying.owes(each, fact))) return;
    handed.delete(fingerprint);
    means.release(fingerprint);
    this.#note('ended', view);
  }

  #note(reason: string, view: Named, hub?: string): void {
    const { means, clock } = this.#options;
    noteHandover(means.store, clock.now(), { reason, view, hub });
  }
}

type Named = Pick<AlertView, 'fingerprint' | 'rule' | 'host'>;

/** @param now ms since the Unix epoch */
export function noteHandover(
  store: Pick<AlertStore, 'audit'>,
  now: number,
  { reason, view, hub }: { readonly reason: string; readonly view: Named; readonly hub: string | undefined },
): void {
  const { fingerprint, rule, host } = view;
  const detail = hub === undefined ? {} : { detail: { hub } };
  store.audit({ at: now, kind: 'handover', reason, fingerprint, rule, host, ...detail });
}
