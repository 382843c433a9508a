/** The alerting subsystem: from metrics to queued notifications, and the operations of the control API. */
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
  type ListedSilence,
  type ResolveRequest,
  type SilenceRequest,
} from './control.ts';
import type { Capture } from './context/context.ts';
import type { Sender } from './engine/across-hosts.ts';
import type { Origin } from './engine/departure.ts';
import { Engine } from './engine/engine.ts';
import { TICK_MS } from './engine/tick.ts';
import { pendingTime } from './engine/view.ts';
import type { Display } from './notify/compose.ts';
import type { ReceiverStatus } from './notify/lane.ts';
import { Notifications } from './notify/notifications.ts';
import type { Receiver } from './notify/receiver.ts';
import type { Rule } from './rules/rule.ts';
import type { AlertSettings } from './settings.ts';
import type { AuditEntry } from '../plugin/audit-entry.ts';
import type { HistoryFilter } from './store/history-filter.ts';
import type { AlertStore } from './store/store.ts';

export interface AlertsOptions {
  readonly settings: AlertSettings;
  /** See `EngineOptions`. */
  readonly origin?: Origin | undefined;
  readonly receivers: readonly Receiver[];
  readonly store: AlertStore;
  /** The next tick should come within a second. */
  readonly onWaiting: () => void;
  readonly capture: Capture;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

export class Alerts implements AlertControl {
  readonly #store: AlertStore;
  readonly #clock: Clock;
  readonly #engine: Engine;
  readonly #notifications: Notifications;
  readonly #log: Logger;
  #rules: ReadonlyMap<string, Rule>;
  #display: Display;

  constructor(options: AlertsOptions) {
    const { settings, receivers, store, onWaiting, capture, clock, random, log } = options;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#rules = byId(settings);
    this.#display = settings.display;
    this.#notifications = new Notifications({
      routing: settings.routing,
      receivers,
      repeatOf: (rule) => this.#rules.get(rule)?.repeat,
      store,
      clock,
      random,
      current: (fingerprint) => this.#engine.view(fingerprint),
      display: () => this.#display,
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

  /** Handles everything that is due by time alone. @returns milliseconds until the next call */
  tick(): number {
    const next = this.#engine.tick();
    return this.#notifications.tick() ? TICK_MS : next;
  }

  reload(settings: AlertSettings, receivers: readonly Receiver[], origin?: Origin): void {
    const before = this.#rules;
    this.#rules = byId(settings);
    this.#display = settings.display;
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
    return this.#engine.alerts().map(({ alert, state }) => this.#listed(alert, state));
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
    const { alert } = this.#find(fingerprint);
    const at = this.#clock.now();
    this.#store.transaction(() => {
      const { rule, host } = alert;
      const about = { fingerprint: alert.fingerprint, rule, host };
      this.#store.audit({ at, kind: 'ack', reason: 'resolved_by_hand', ...about, by, detail: { comment } });
      this.#engine.resolve(alert.fingerprint, `by hand: ${by}`);
    });
    return { ...alert, status: 'resolved', endsAt: at };
  }

  knownTo(receiver: string): readonly AlertView[] {
    return this.#notifications.knownTo(receiver);
  }

  receivers(): readonly ListedReceiver[] {
    return this.#notifications.status();
  }

  ruleWritten(rule: string, by: string, file: string): void {
    this.#store.audit({ at: this.#clock.now(), kind: 'agent', reason: 'rule_written', rule, by, detail: { file } });
  }

  acted(act: string, by: string, of: string): void {
    this.#store.audit({ at: this.#clock.now(), kind: 'agent', reason: act, by, ...(of !== '' && { detail: { of } }) });
  }

  /** Counters of alerting itself, for rules and for the input `internal`. */
  selfMetrics(): readonly SelfMetric[] {
    const { pending, firing, refused, conflicts, failures } = this.#engine.statistics();
    return [
      { name: 'internal_alerts', tags: {}, fields: { firing, pending, refused, conflicts, failures } },
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
      alert: this.#notifications.complete(alert),
      state,
      suppressed: state === 'pending' ? [] : this.#notifications.suppressions(alert),
    };
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
