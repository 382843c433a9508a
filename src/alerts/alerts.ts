/** The alerting subsystem: from metrics to queued notifications, and the operations of the control API. */
import type { Resolution } from '../api/hub-alerts.ts';
import type { KnownAlert, WhyAnswer } from '../api/why.ts';
import { oneLine } from '../plugin/message-text.ts';
import type { Clock } from '../core/clock.ts';
import type { Metric } from '../metric/metric.ts';
import type { AlertView } from '../plugin/notification.ts';
import type { Logger, SelfMetric } from '../plugin/index.ts';

import type { AlertEvent } from './alert-event.ts';
import {
  RefusedRequest,
  type AckRequest,
  type AlertControl,
  type FillingWindow,
  type ListedAlert,
  type ListedReceiver,
  type ListedRoute,
  type ListedSilence,
  type ResolveRequest,
  type SilenceRequest,
} from './control.ts';
import { routesFor } from './audience/match-routes.ts';
import type { Capture } from './context/context.ts';
import type { Sender } from './engine/across-hosts.ts';
import type { Origin } from './engine/departure.ts';
import { Engine } from './engine/engine.ts';
import { TICK_MS } from './engine/tick.ts';
import { pendingTime } from './engine/view.ts';
import type { Desk } from './handover/desk.ts';
import type { Guests } from './handover/guests.ts';
import type { Display } from './notify/compose.ts';
import type { ReceiverStatus } from './notify/lane.ts';
import { Notifications } from './notify/notifications.ts';
import type { Receiver } from './notify/receiver.ts';
import type { Fact } from './notify/truth.ts';
import type { Rule } from './rules/rule.ts';
import { HOST_DOWN } from './rules/stock-fleet.ts';
import type { AlertSettings } from './settings.ts';
import type { AuditEntry } from '../plugin/audit-entry.ts';
import type { HistoryFilter } from './store/history-filter.ts';
import type { AlertStore } from './store/store.ts';
import { findAlerts } from './why/find.ts';

/** What a hub knows of hosts that it does not hear. */
export interface Sight {
  /** See `IsAway`. */
  isAway(host: string): boolean;
  /** What else is known of a host by its id, as a sentence. */
  opinionOf(id: string): string | undefined;
}

export interface AlertsOptions {
  readonly settings: AlertSettings;
  /** See `EngineOptions`. */
  readonly origin?: Origin | undefined;
  readonly receivers: readonly Receiver[];
  readonly store: AlertStore;
  /** Undefined while this agent is no hub. */
  readonly sight?: () => Sight | undefined;
  /** The next tick should come within a second. */
  readonly onWaiting: () => void;
  readonly capture: Capture;
  /** For the link to a hub. */
  readonly desk?: Desk | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** Entries of the history among which an alert of the past is searched. */
const MOST_SEARCHED = 10_000;

export class Alerts implements AlertControl {
  readonly #store: AlertStore;
  readonly #clock: Clock;
  readonly #engine: Engine;
  readonly #notifications: Notifications;
  readonly #log: Logger;
  readonly #sight: () => Sight | undefined;
  #rules: ReadonlyMap<string, Rule>;
  #display: Display;
  #routing: AlertSettings['routing'];
  /** Tag `host` of the agent. */
  #host: string;

  constructor(options: AlertsOptions) {
    const { settings, receivers, store, onWaiting, capture, clock, random, log } = options;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#sight = options.sight ?? (() => undefined);
    this.#rules = byId(settings);
    this.#display = settings.display;
    this.#routing = settings.routing;
    this.#host = options.origin?.host ?? '';
    this.#notifications = new Notifications({
      routing: settings.routing,
      receivers,
      repeatOf: (rule) => this.#rules.get(rule)?.repeat,
      store,
      clock,
      random,
      current: (fingerprint) => {
        const view = this.#engine.view(fingerprint);
        return view && this.#withEvidence(view);
      },
      display: () => this.#display,
      onResolution: (resolution) => {
        this.#obey(resolution);
      },
      listed: (fingerprint) => this.alerts().find(({ alert }) => alert.fingerprint === fingerprint),
      hop: () => ({ role: this.#sight() === undefined ? 'agent' : 'hub', name: this.#host.slice(0, 255) }),
      desk: options.desk,
      log,
    });
    this.#engine = new Engine({
      rules: settings.rules,
      settings,
      origin: options.origin,
      clock,
      store,
      onEvent: (event) => {
        this.#logEvent(event);
        this.#notifications.handle(event);
      },
      onContext: (fingerprint, context) => {
        this.#notifications.addContext(fingerprint, context);
      },
      onWaiting,
      capture,
      isAway: (host) => this.#sight()?.isAway(host) ?? false,
      log,
    });
  }

  /** Resumes the firing alerts and the notifications of the previous process. */
  start(): void {
    this.#engine.resume();
    this.#notifications.start(this.#firing());
  }

  /** @param input alias of the input that reported it, if that is known */
  observe(metric: Metric, input?: string): void {
    this.#engine.observe(metric, input);
  }

  /** Takes a metric that another host has sent: only rules across hosts see it. */
  observeMember(metric: Metric, sender: Sender): void {
    this.#engine.observeMember(metric, sender);
  }

  /** The hub has forgotten a host. */
  forgetHost(host: string): void {
    this.#engine.forgetHost(host);
  }

  /** Handles everything that is due by time alone. @returns milliseconds until the next call */
  tick(): number {
    const next = this.#engine.tick();
    return this.#notifications.tick() ? TICK_MS : next;
  }

  reload(settings: AlertSettings, receivers: readonly Receiver[], origin?: Origin): void {
    const before = this.#rules;
    this.#rules = byId(settings);
    this.#display = settings.display;
    this.#routing = settings.routing;
    this.#host = origin?.host ?? this.#host;
    this.#notifications.reload(settings.routing, receivers);
    this.#engine.reload(settings.rules, settings, origin);
    const changed = (rule: string) => before.get(rule)?.notify !== this.#rules.get(rule)?.notify;
    this.#store.transaction(() => {
      for (const event of this.#firing()) if (changed(event.alert.rule)) this.#notifications.handle(event);
    });
  }

  /** Sends what can be sent until the signal aborts. The rest is in the store. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#engine.close();
    await this.#notifications.drain(signal);
    this.#store.close();
  }

  alerts(): readonly ListedAlert[] {
    const own = this.#engine
      .alerts()
      .map(({ alert, state, isUnknown }) => ({ ...this.#listed(alert, state), ...(isUnknown && { isUnknown }) }));
    return [...own, ...this.#notifications.handedIn().map((fact) => this.#guest(fact))];
  }

  /** Alerts that agents hand to this hub. */
  get guests(): Guests {
    return this.#notifications.guests;
  }

  known(words: readonly string[], limit: number): readonly KnownAlert[] {
    const entries = this.#store.history({ kinds: ['transition', 'handover'], limit: MOST_SEARCHED });
    return findAlerts(words, this.alerts(), entries, this.#clock.now()).slice(0, limit + 1);
  }

  async why(prefix: string, limit: number): Promise<WhyAnswer> {
    const fingerprint = this.#fingerprintOf(prefix);
    const ofHub = await this.#notifications.askHub(fingerprint);
    const why = this.#notifications.why(fingerprint, ofHub, limit);
    if (why === undefined) throw new RefusedRequest(`Nothing is known of an alert ${fingerprint}`);
    return why;
  }

  /** @throws RefusedRequest unless exactly one alert, of now or of the past, has an id with this prefix */
  #fingerprintOf(prefix: string): string {
    if (this.#store.history({ fingerprint: prefix, limit: 1 }).length > 0) return prefix;
    const found = this.known([prefix], 2).filter(({ fingerprint }) => fingerprint.startsWith(prefix));
    const [only, second] = found;
    if (only === undefined)
      throw new RefusedRequest(
        `Nothing is known of an alert ${prefix}; it may be older than the history, or of another host`,
      );
    if (second !== undefined) throw new RefusedRequest(`The id ${prefix} is ambiguous; give more digits of it`);
    return only.fingerprint;
  }

  windows(): readonly FillingWindow[] {
    return this.#engine.windows();
  }

  history(filter: HistoryFilter): readonly AuditEntry[] {
    return this.#store.history(filter);
  }

  silences(): readonly ListedSilence[] {
    return this.#notifications.listSilences();
  }

  silence(request: SilenceRequest): ListedSilence {
    return this.#notifications.addSilence(request);
  }

  expireSilence(id: string, by: string): ListedSilence {
    return this.#notifications.expireSilence(id, by);
  }

  acknowledge(request: AckRequest): ListedAlert {
    const { alert } = this.#find(request.fingerprint);
    this.#notifications.acknowledge({ ...request, fingerprint: alert.fingerprint });
    return this.#find(alert.fingerprint);
  }

  withdrawAck(fingerprint: string, by: string): ListedAlert {
    const { alert } = this.#find(fingerprint);
    this.#notifications.withdrawAck(alert.fingerprint, by);
    return this.#find(alert.fingerprint);
  }

  resolve({ fingerprint, by, comment }: ResolveRequest): AlertView {
    const { alert, from } = this.#find(fingerprint);
    const at = this.#clock.now();
    this.#store.transaction(() => {
      this.#noteByHand(alert, by, { comment });
      if (from === undefined) this.#engine.resolve(alert.fingerprint, `by hand: ${by}`);
      else this.guests.resolve(alert.fingerprint, by, comment);
    });
    return { ...alert, status: 'resolved', endsAt: at };
  }

  /** Somebody ended it at the hub. */
  #obey({ fingerprint, by, comment }: Resolution): void {
    const alert = this.#engine.view(fingerprint);
    if (alert === undefined) return;
    this.#noteByHand(alert, by, { comment, from: 'the hub' });
    this.#engine.resolve(fingerprint, `by hand: ${by}`);
  }

  #noteByHand({ fingerprint, rule, host }: AlertView, by: string, detail: AuditEntry['detail']): void {
    const about = { fingerprint, rule, host, by, ...(detail && { detail }) };
    this.#store.audit({ at: this.#clock.now(), kind: 'ack', reason: 'resolved_by_hand', ...about });
  }

  knownTo(receiver: string): readonly AlertView[] {
    return this.#notifications.knownTo(receiver);
  }

  receivers(): readonly ListedReceiver[] {
    return this.#notifications.status();
  }

  audience(labels: Readonly<Record<string, string>>): readonly ListedRoute[] {
    const now = this.#clock.now();
    return routesFor(this.#routing, labels, now).map(({ route: { path, receivers, mute, escalations } }) => ({
      path,
      receivers,
      isMuted: mute.some((window) => window.isOpen(now)),
      later: escalations.map(({ after, receivers: others }) => ({ after, receivers: others })),
    }));
  }

  ruleWritten(rule: string, by: string, file: string): void {
    this.#store.audit({ at: this.#clock.now(), kind: 'agent', reason: 'rule_written', rule, by, detail: { file } });
  }

  acted(act: string, by: string, of: string): void {
    this.#store.audit({ at: this.#clock.now(), kind: 'agent', reason: act, by, ...(of !== '' && { detail: { of } }) });
  }

  /** Counters of alerting itself, for rules and for the input `internal`. */
  selfMetrics(): readonly SelfMetric[] {
    const { pending, firing, refused, conflicts, ahead, failures } = this.#engine.statistics();
    return [
      { name: 'internal_alerts', tags: {}, fields: { firing, pending, refused, conflicts, ahead, failures } },
      ...this.#notifications.status().map(receiverMetric),
    ];
  }

  /** Every firing alert, as the event that makes the notifications know it. */
  #firing(): readonly AlertEvent[] {
    return this.#engine.alerts().flatMap(({ alert, state }) => {
      if (state === 'pending') return [];
      const quiet = this.#rules.get(alert.rule)?.notify === false ? 'notify_off' : undefined;
      return [{ kind: 'fired', alert, at: alert.startsAt, quiet }];
    });
  }

  #logEvent({ kind, alert, quiet }: AlertEvent): void {
    if (quiet !== undefined) return;
    const { summary, level, rule, fingerprint } = alert;
    const isWorse = kind === 'fired' || kind === 'level_up';
    const text = kind === 'resolved' ? `Resolved: ${summary}` : `${level}: ${summary}`;
    this.#log[isWorse ? 'warn' : 'info'](oneLine(text), { rule, id: fingerprint });
  }

  #listed(alert: AlertView, state: ListedAlert['state']): ListedAlert {
    const rule = state === 'pending' ? this.#rules.get(alert.rule) : undefined;
    return {
      ...(rule && { firesAfter: pendingTime(rule, alert.level) }),
      alert: this.#notifications.complete(this.#withEvidence(alert)),
      state,
      suppressed: state === 'pending' ? [] : this.#notifications.suppressions(alert),
    };
  }

  #guest(fact: Fact): ListedAlert {
    const { view, origin } = fact;
    const from = origin && { from: { id: origin.host, name: origin.name } };
    return { ...this.#listed(view, 'firing'), ...from, ...(this.#isAway(fact) && { isUnknown: true }) };
  }

  #isAway({ origin }: Fact): boolean {
    return origin !== undefined && this.#sight()?.isAway(origin.name) === true;
  }

  /** A host that is down says what else is known, and what is not because of that. */
  #withEvidence(alert: AlertView): AlertView {
    if (alert.rule !== HOST_DOWN || alert.status !== 'firing') return alert;
    const handed = this.#notifications.handedIn().filter(({ origin }) => origin?.name === alert.host);
    const unknown = this.#engine.unknownOf(alert.host) + handed.length;
    const texts = [
      alert.description,
      this.#sight()?.opinionOf(alert.tags['host_id'] ?? ''),
      unknown === 0 ? undefined : unknown === 1 ? '1 alert of it is unknown.' : `${unknown} alerts of it are unknown.`,
    ].filter((text) => text !== undefined);
    return { ...alert, description: texts.length === 0 ? undefined : texts.join(' ') };
  }

  /** @throws RefusedRequest unless exactly one firing alert has an id with this prefix */
  #find(prefix: string): ListedAlert {
    const found = this.alerts().filter(
      ({ alert, state }) => state !== 'pending' && alert.fingerprint.startsWith(prefix),
    );
    const [only, second] = found;
    if (only === undefined) {
      throw new RefusedRequest(`No firing alert has the id ${prefix}; "healthd alerts" lists firing alerts`);
    }
    if (second !== undefined) throw new RefusedRequest(`The id ${prefix} is ambiguous; give more digits of it`);
    return only;
  }
}

function byId({ rules }: AlertSettings): ReadonlyMap<string, Rule> {
  return new Map(rules.map((rule) => [rule.id, rule]));
}

function receiverMetric(status: ReceiverStatus): SelfMetric {
  const { name, sent, failed, waiting, oldestMs, lastLatencyMs, trouble } = status;
  const fields = { sent, failed, waiting, oldest_ms: Math.round(oldestMs), failing: trouble === undefined ? 0 : 1 };
  return {
    name: 'internal_notify',
    tags: { receiver: name },
    fields: lastLatencyMs === undefined ? fields : { ...fields, latency_ms: lastLatencyMs },
  };
}
