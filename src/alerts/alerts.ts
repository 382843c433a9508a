/** Alerts as a whole: from metrics to notifications that wait to be sent, and what people ask and do. */
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
  type ListedAlert,
  type ListedReceiver,
  type ListedSilence,
  type SilenceRequest,
} from './control.ts';
import type { Capture } from './context/context.ts';
import { Engine } from './engine/engine.ts';
import type { ReceiverStatus } from './outbox/lane.ts';
import { Outbox } from './outbox/outbox.ts';
import type { Receiver } from './outbox/receiver.ts';
import { Dispatcher } from './routing/dispatcher.ts';
import type { Rule } from './rules/rule.ts';
import type { AlertSettings } from './settings.ts';
import type { AuditEntry } from '../plugin/audit-entry.ts';
import type { HistoryFilter } from './store/history-filter.ts';
import type { AlertStore } from './store/store.ts';

export interface AlertsOptions {
  readonly settings: AlertSettings;
  readonly receivers: readonly Receiver[];
  readonly store: AlertStore;
  readonly capture: Capture;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

export class Alerts implements AlertControl {
  readonly #store: AlertStore;
  readonly #engine: Engine;
  readonly #dispatcher: Dispatcher;
  readonly #outbox: Outbox;
  readonly #log: Logger;
  #rules: ReadonlyMap<string, Rule>;

  constructor(options: AlertsOptions) {
    const { settings, receivers, store, capture, clock, random, log } = options;
    this.#store = store;
    this.#log = log;
    this.#rules = byId(settings);
    this.#outbox = new Outbox({ store, clock, log, random, receivers });
    this.#dispatcher = new Dispatcher({
      routing: settings.routing,
      repeatOf: (rule) => this.#rules.get(rule)?.repeat,
      store,
      clock,
      current: (fingerprint) => this.#engine.view(fingerprint),
      send: (notification) => {
        this.#outbox.enqueue(notification);
      },
      publicUrl: settings.publicUrl,
      log,
    });
    this.#engine = new Engine({
      rules: settings.rules,
      settings,
      clock,
      store,
      onEvent: (event) => {
        this.#write(event);
        this.#dispatcher.handle(event);
      },
      capture,
      log,
    });
  }

  /** Takes up what fired and what waited when the process before this one ended. */
  start(): void {
    const isTold = (rule: string) => this.#rules.get(rule)?.notify ?? true;
    const shown = this.#engine.alerts().filter(({ alert, state }) => state !== 'pending' && isTold(alert.rule));
    this.#dispatcher.adopt(shown.map(({ alert }) => alert));
    this.#outbox.start();
  }

  observe(metric: Metric): void {
    this.#engine.observe(metric);
  }

  /** About once a second: what time alone brings about. */
  tick(): void {
    this.#engine.tick();
    this.#dispatcher.tick();
  }

  reload(settings: AlertSettings, receivers: readonly Receiver[]): void {
    this.#rules = byId(settings);
    this.#outbox.setReceivers(receivers);
    this.#dispatcher.reload(settings.routing);
    this.#engine.reload(settings.rules, settings);
  }

  /** Sends what can be sent until the signal aborts; the rest stays in the store. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#engine.close();
    await this.#outbox.drain(signal);
    this.#store.close();
  }

  alerts(): readonly ListedAlert[] {
    return this.#engine.alerts().map(({ alert, state }) => this.#listed(alert, state));
  }

  history(filter: HistoryFilter): readonly AuditEntry[] {
    return this.#store.history(filter);
  }

  silences(): readonly ListedSilence[] {
    return this.#dispatcher.listSilences();
  }

  silence(request: SilenceRequest): ListedSilence {
    return this.#dispatcher.addSilence(request);
  }

  expireSilence(id: string, by: string): ListedSilence {
    return this.#dispatcher.expireSilence(id, by);
  }

  acknowledge(request: AckRequest): ListedAlert {
    const { alert } = this.#find(request.fingerprint);
    this.#dispatcher.acknowledge({ ...request, fingerprint: alert.fingerprint });
    return this.#find(alert.fingerprint);
  }

  withdrawAck(fingerprint: string, by: string): ListedAlert {
    const { alert } = this.#find(fingerprint);
    this.#dispatcher.withdrawAck(alert.fingerprint, by);
    return this.#find(alert.fingerprint);
  }

  toldOf(receiver: string): readonly AlertView[] {
    return this.#dispatcher.toldOf(receiver);
  }

  receivers(): readonly ListedReceiver[] {
    return this.#outbox.status();
  }

  /** Its own counters, for rules and for the input `internal`. */
  selfMetrics(): readonly SelfMetric[] {
    const { pending, firing, refused, conflicts, failures } = this.#engine.statistics();
    return [
      { name: 'internal_alerts', tags: {}, fields: { firing, pending, refused, conflicts, failures } },
      ...this.#outbox.status().map(receiverMetric),
    ];
  }

  /** For whoever reads the agent's own log. */
  #write({ kind, alert, quiet }: AlertEvent): void {
    if (quiet !== undefined) return;
    const { summary, level, rule, fingerprint } = alert;
    const isWorse = kind === 'fired' || kind === 'level_up';
    const text = kind === 'resolved' ? `Resolved: ${summary}` : `${level}: ${summary}`;
    this.#log[isWorse ? 'warn' : 'info'](oneLine(text), { rule, id: fingerprint });
  }

  #listed(alert: AlertView, state: ListedAlert['state']): ListedAlert {
    return {
      alert: { ...alert, ack: this.#dispatcher.ackOf(alert.fingerprint) },
      state,
      suppressed: state === 'pending' ? [] : this.#dispatcher.suppressions(alert),
    };
  }

  /** @throws RefusedRequest unless exactly one alert that fires begins so */
  #find(beginning: string): ListedAlert {
    const found = this.alerts().filter(
      ({ alert, state }) => state !== 'pending' && alert.fingerprint.startsWith(beginning),
    );
    const [only, second] = found;
    if (only === undefined) {
      throw new RefusedRequest(`No alert with the id ${beginning} fires; "healthd alerts" lists those that do`);
    }
    if (second !== undefined) throw new RefusedRequest(`${beginning} is the beginning of several ids; give more of it`);
    return only;
  }
}

function byId({ rules }: AlertSettings): ReadonlyMap<string, Rule> {
  return new Map(rules.map((rule) => [rule.id, rule]));
}

function receiverMetric(status: ReceiverStatus): SelfMetric {
  const { name, sent, failed, dropped, waiting, oldestMs, lastLatencyMs, trouble } = status;
  const fields = { sent, failed, dropped, waiting, oldest_ms: oldestMs, failing: trouble === undefined ? 0 : 1 };
  return {
    name: 'internal_notify',
    tags: { receiver: name },
    fields: lastLatencyMs === undefined ? fields : { ...fields, latency_ms: lastLatencyMs },
  };
}
