/**
 * Who is told what, and when. Each receiver has a group for each group key of each route that leads to it, and a note of
 * what it was told: whoever was told that an alert fires is told when it ends, whatever lies between.
 */
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import {
  rank,
  type Acknowledgement,
  type AlertView,
  type Notification,
  type NotificationReason,
} from '../../plugin/notification.ts';
import type { AlertEvent } from '../alert-event.ts';
import { RefusedRequest, type AckRequest, type ListedSilence, type SilenceRequest } from '../control.ts';
import type { AlertStore } from '../store/store.ts';

import { Acks } from './acks.ts';
import { composeNotification } from './compose.ts';
import { decide, highestLevel, inOrder } from './decide.ts';
import type { Group } from './group.ts';
import { GroupTable } from './group-table.ts';
import { groupTagsOf, matchRoutes } from './match-routes.ts';
import { labelsOf } from './matchers.ts';
import { repeatAfter, type RepeatTimes, type Routing } from './routing.ts';
import { Silences } from './silences.ts';
import { BELOW, INHIBITED, Suppression } from './suppression.ts';

export interface DispatcherOptions {
  readonly routing: Routing;
  /** How often alerts of a rule are said again, if that rule says so. */
  readonly repeatOf: (rule: string) => RepeatTimes | undefined;
  readonly store: AlertStore;
  readonly clock: Clock;
  /** As it is now; undefined if it does not fire. */
  readonly current: (fingerprint: string) => AlertView | undefined;
  /** Puts it into the outbox, within the transaction that notes that it was told. */
  readonly send: (notification: Notification) => void;
  readonly publicUrl: string | undefined;
  readonly log: Logger;
}

const MOST_ALERTS = 10;
/** Ends are told together if they come within this time. */
const ENDS_WAIT_MS = 15_000;
const TIDY_MS = 3_600_000;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #silences: Silences;
  readonly #acks: Acks;
  readonly #groups: GroupTable;
  /** What fires, by fingerprint. */
  readonly #firing = new Map<string, AlertView>();
  #routing: Routing;
  #suppression: Suppression;
  #tidiedAt = -Infinity;

  constructor(options: DispatcherOptions) {
    const { routing, store, clock } = options;
    this.#options = options;
    this.#routing = routing;
    this.#silences = new Silences(store, clock);
    this.#silences.configure(routing.silences);
    this.#acks = new Acks(store, clock);
    this.#suppression = new Suppression(routing, this.#silences);
    this.#groups = new GroupTable(options, routing);
  }

  /** After a start: what fires already is taken up, and what was told but is unknown now has ended. */
  adopt(alerts: readonly AlertView[]): void {
    const now = this.#options.clock.now();
    for (const alert of alerts) this.#take(alert, now);
    for (const group of this.#groups.all()) {
      for (const [fingerprint, { view }] of group.told) {
        if (!this.#firing.has(fingerprint))
          this.#end(group, { ...view, status: 'resolved', endsAt: now, trend: undefined }, now);
      }
    }
  }

  handle({ alert, quiet }: AlertEvent): void {
    const now = this.#options.clock.now();
    // While it flaps each change would be told; the end of the flapping says how it is.
    if (quiet === 'notify_off' || quiet === 'flapping') return;
    this.#acks.onChange(alert);
    if (alert.status === 'resolved') {
      this.#firing.delete(alert.fingerprint);
      this.#suppression.ended(alert.fingerprint);
      for (const group of this.#groups.of(alert.fingerprint)) this.#end(group, alert, now);
    } else if (quiet === undefined || this.#firing.has(alert.fingerprint)) {
      this.#take(alert, now);
    }
    this.#flushDue(now);
  }

  /** About once a second while there are groups. @returns whether there are */
  tick(): boolean {
    const now = this.#options.clock.now();
    for (const group of this.#groups.all()) this.#wake(group, now);
    this.#flushDue(now);
    if (now - this.#tidiedAt >= TIDY_MS) {
      this.#tidiedAt = now;
      this.#silences.tidy(now);
    }
    return this.#groups.all().length > 0;
  }

  reload(routing: Routing): void {
    const now = this.#options.clock.now();
    this.#routing = routing;
    this.#silences.configure(routing.silences);
    this.#suppression = new Suppression(routing, this.#silences);
    this.#groups.rebind(routing);
    for (const alert of this.#firing.values()) this.#suppression.fires(alert);
    for (const alert of [...this.#firing.values()]) this.#take(alert, now);
  }

  /** What fires and this receiver was told of. */
  toldOf(receiver: string): readonly AlertView[] {
    const told = this.#groups.all().flatMap((group) => (group.receiver === receiver ? [...group.told.keys()] : []));
    return [...new Set(told)].flatMap((fingerprint) => this.#options.current(fingerprint) ?? []);
  }

  listSilences(): readonly ListedSilence[] {
    return this.#silences.list();
  }

  /** @throws RefusedRequest, as do the following */
  addSilence(request: SilenceRequest): ListedSilence {
    return this.#silences.add(request);
  }

  expireSilence(id: string, by: string): ListedSilence {
    const silence = this.#silences.expire(id, by);
    this.tick();
    return silence;
  }

  acknowledge(request: AckRequest): void {
    const alert = this.#options.current(request.fingerprint);
    if (alert === undefined) throw new RefusedRequest(`The alert ${request.fingerprint} does not fire`);
    this.#acks.add(request, alert);
  }

  withdrawAck(fingerprint: string, by: string): void {
    if (this.#acks.of(fingerprint) === undefined) throw new RefusedRequest(`Nobody has acknowledged ${fingerprint}`);
    this.#acks.withdraw(fingerprint, by);
  }

  ackOf(fingerprint: string): Acknowledgement | undefined {
    return this.#acks.of(fingerprint);
  }

  /** Why somebody is not told of it at present; empty if everybody is. */
  suppressions(alert: AlertView): readonly string[] {
    const now = this.#options.clock.now();
    const groups = this.#groups.of(alert.fingerprint);
    if (groups.length === 0) return ['history only'];
    const reasons = groups.flatMap((group) => this.#suppression.of(alert, group, now) ?? []);
    const ack = this.#acks.of(alert.fingerprint);
    return [...new Set(ack === undefined ? reasons : [...reasons, `acknowledged by ${ack.by}`])];
  }

  /** Puts an alert that fires into the groups of its routes, and asks for them to be looked at. */
  #take(alert: AlertView, now: number): void {
    this.#firing.set(alert.fingerprint, alert);
    this.#suppression.fires(alert);
    const labels = labelsOf(alert);
    const wanted = new Set<Group>();
    for (const route of matchRoutes(this.#routing.root, labels)) {
      const tags = groupTagsOf(route, labels);
      for (const receiver of route.receivers) wanted.add(this.#groups.at(receiver, route, tags));
    }
    for (const group of wanted) {
      this.#move(alert.fingerprint, group, wanted);
      group.members.add(alert.fingerprint);
      group.schedule(this.#dueAt(group, alert, now));
    }
    for (const group of this.#groups.of(alert.fingerprint)) {
      if (!wanted.has(group) && group.escalated === 0) group.members.delete(alert.fingerprint);
    }
  }

  /** Another level may have another route: what its receivers were told goes along, so that they hear one end. */
  #move(fingerprint: string, to: Group, wanted: ReadonlySet<Group>): void {
    for (const from of this.#groups.of(fingerprint)) {
      const told = from.told.get(fingerprint);
      if (told === undefined || from.receiver !== to.receiver || wanted.has(from)) continue;
      from.told.delete(fingerprint);
      from.members.delete(fingerprint);
      to.told.set(fingerprint, told);
      to.sentAt ??= from.sentAt;
      to.firstAt ??= from.firstAt;
      this.#options.store.transaction(() => {
        this.#groups.save(from);
        this.#groups.save(to);
      });
    }
  }

  /** The group waits for others from the beginning of the alert on, and between what is not urgent. */
  #dueAt(group: Group, { fingerprint, level, flapping, startsAt }: AlertView, now: number): number {
    const told = group.told.get(fingerprint);
    const wait = group.route.groupWait[level];
    if (told === undefined)
      return Math.max(Math.min(startsAt, now) + wait, level === 'critical' ? now : this.#earliest(group));
    if (told.flapping !== flapping || rank(level) > rank(told.level)) return now + wait;
    return Math.max(now + wait, this.#earliest(group));
  }

  #earliest({ sentAt, route }: Group): number {
    return sentAt === undefined ? 0 : sentAt + route.groupInterval;
  }

  #end(group: Group, alert: AlertView, now: number): void {
    const { fingerprint } = alert;
    group.members.delete(fingerprint);
    group.suppressed.delete(fingerprint);
    if (group.told.has(fingerprint)) {
      group.ended.set(fingerprint, alert);
      group.schedule(now + Math.min(ENDS_WAIT_MS, group.route.groupWait.warning));
    } else {
      this.#groups.forgetIfEmpty(group);
    }
  }

  /** A silence has ended, a reminder is due, or it is time to tell somebody else. */
  #wake(group: Group, now: number): void {
    for (const [fingerprint, reason] of group.suppressed) {
      const alert = this.#firing.get(fingerprint);
      if (alert === undefined || this.#suppression.of(alert, group, now) !== undefined) continue;
      // What was explained by another alert often ends a little later than that.
      group.schedule(reason.startsWith(INHIBITED) ? now + group.route.groupWait.warning : now);
    }
    if (group.told.size === 0 || group.sentAt === undefined) return;
    if (this.#isRepeatDue(group, now)) group.schedule(now);
    this.#escalate(group, now);
  }

  #isRepeatDue(group: Group, now: number): boolean {
    const open = [...group.told.keys()].flatMap((fingerprint) => {
      const alert = this.#firing.get(fingerprint);
      return alert === undefined || this.#acks.of(fingerprint) !== undefined ? [] : [alert];
    });
    if (open.length === 0 || group.sentAt === undefined) return false;
    const level = highestLevel(open);
    const ofRules = open.map(({ rule }) => this.#options.repeatOf(rule)?.[level]).filter((ms) => ms !== undefined);
    const ofRule = ofRules.length === 0 ? undefined : { [level]: Math.min(...ofRules) };
    return now - group.sentAt >= repeatAfter(group.route, ofRule, level);
  }

  #escalate(group: Group, now: number): void {
    const step = group.route.escalations[group.escalated];
    if (step === undefined || group.firstAt === undefined || now - group.firstAt < step.after) return;
    const open = [...group.told.keys()].filter(
      (fingerprint) =>
        this.#firing.has(fingerprint) && (step.unless === 'never' || this.#acks.of(fingerprint) === undefined),
    );
    if (open.length === 0) return;
    group.escalated += 1;
    this.#groups.save(group);
    for (const receiver of step.receivers) {
      const next = this.#groups.beside(group, receiver);
      next.escalated = group.route.escalations.length;
      for (const fingerprint of open) next.members.add(fingerprint);
      this.#flush(next, now, 'escalation');
    }
  }

  #flushDue(now: number): void {
    for (const group of this.#groups.all()) {
      if (group.dueAt !== undefined && group.dueAt <= now) this.#flush(group, now);
    }
  }

  #flush(group: Group, now: number, as?: NotificationReason): void {
    group.dueAt = undefined;
    const settings = this.#routing.receivers.get(group.receiver);
    const unmuted = mutedIn(group);
    const firing = this.#tellable(group, now);
    const ended = [...group.ended.values()];
    const reason = decide({
      firing,
      ended,
      told: group.told,
      unmuted,
      sendResolved: settings?.sendResolved ?? true,
      isRepeatDue: this.#isRepeatDue(group, now),
    });
    if (reason !== undefined || ended.length > 0) {
      this.#options.store.transaction(() => {
        if (reason !== undefined) this.#tell(group, as ?? reason, [...firing, ...ended], now);
        for (const { fingerprint } of ended) group.told.delete(fingerprint);
        group.ended.clear();
        this.#groups.save(group);
      });
    }
    for (const { fingerprint } of firing) group.suppressed.delete(fingerprint);
    if (group.told.size === 0) Object.assign(group, { firstAt: undefined, reminder: 0, escalated: 0 });
    this.#groups.forgetIfEmpty(group);
  }

  /** What fires and may be told; why the rest may not is said once in the history. */
  #tellable(group: Group, now: number): readonly AlertView[] {
    return [...group.members].flatMap((fingerprint) => {
      const known = this.#firing.get(fingerprint);
      if (known === undefined) return [];
      const alert = this.#options.current(fingerprint) ?? known;
      const reason = this.#suppression.of(alert, group, now);
      if (reason === undefined) return [{ ...alert, flapping: known.flapping }];
      if (group.suppressed.get(fingerprint) !== reason && !group.told.has(fingerprint)) {
        const { rule, host } = alert;
        this.#options.store.audit({
          at: now,
          kind: 'suppressed',
          reason,
          fingerprint,
          rule,
          host,
          receiver: group.receiver,
        });
      }
      group.suppressed.set(fingerprint, reason);
      return [];
    });
  }

  #tell(group: Group, reason: NotificationReason, alerts: readonly AlertView[], now: number): void {
    const ordered = inOrder(alerts).map((alert) => this.#complete(alert, now));
    for (const alert of alerts) {
      if (alert.status === 'resolved') continue;
      const { fingerprint, level, startsAt, flapping } = alert;
      const view = { ...alert, trend: undefined, context: [] };
      group.told.set(fingerprint, { level, startsAt, flapping, view });
    }
    const notification = composeNotification(group, {
      reason,
      alerts: ordered,
      now,
      mostAlerts: this.#routing.receivers.get(group.receiver)?.maxAlerts ?? MOST_ALERTS,
      publicUrl: this.#options.publicUrl,
    });
    const [first] = ordered;
    this.#options.store.audit({
      at: now,
      kind: 'notification',
      reason,
      receiver: group.receiver,
      ...(first === undefined ? {} : { fingerprint: first.fingerprint, rule: first.rule, host: first.host }),
      detail: { id: notification.id, group: group.groupKey, alerts: ordered.map(({ fingerprint }) => fingerprint) },
    });
    this.#options.send(notification);
  }

  #complete(alert: AlertView, now: number): AlertView {
    const silenced = this.#silences.find(labelsOf(alert), now) !== undefined;
    return { ...alert, silenced, ack: this.#acks.of(alert.fingerprint) ?? alert.ack };
  }
}

/** What was not told because of a silence or the like, and not because it was harmless. */
function mutedIn({ suppressed }: Group): ReadonlySet<string> {
  return new Set([...suppressed].flatMap(([fingerprint, reason]) => (reason.startsWith(BELOW) ? [] : [fingerprint])));
}
