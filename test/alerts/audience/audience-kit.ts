/** Notifications with a clock that is moved by hand, alerts made by hand, and everything that is sent. */
import type { AlertEvent } from '../../../src/alerts/alert-event.ts';
import { compileRouting } from '../../../src/alerts/audience/compile-routing.ts';
import type { RoutingProblem } from '../../../src/alerts/audience/problems.ts';
import type { ReceiverSettings, RepeatTimes, Routing } from '../../../src/alerts/audience/routing.ts';
import { routingSchema } from '../../../src/alerts/audience/schema.ts';
import { Notifications } from '../../../src/alerts/notify/notifications.ts';
import type { Receiver } from '../../../src/alerts/notify/receiver.ts';
import { fingerprint } from '../../../src/alerts/state/fingerprint.ts';
import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import type { AlertStore } from '../../../src/alerts/store/store.ts';
import type { Tags } from '../../../src/metric/metric.ts';
import type { AlertLevel, AlertView, Notification } from '../../../src/plugin/notification.ts';
import { nearest } from '../../../src/registry/nearest.ts';
import { manualClock } from '../../../src/testing.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';
import { firstAlert } from '../../support/kit/sample-alerts.ts';

export const SECOND = 1000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** A Monday, 12:00 UTC. */
export const NOON = Date.parse('2026-03-02T12:00:00Z');

export type Config = Parameters<typeof routingSchema.parse>[0];

export function compile(
  config: unknown,
  receivers: readonly (string | GivenReceiver)[] = ['ops'],
): { readonly routing: Routing; readonly problems: readonly RoutingProblem[] } {
  const settings = receivers.map((receiver) => (typeof receiver === 'string' ? { name: receiver } : receiver));
  return compileRouting(routingSchema.parse(config), settings, nearest);
}

/** @throws if anything is wrong with it */
export function routingOf(...args: Parameters<typeof compile>): Routing {
  const { routing, problems } = compile(...args);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return routing;
}

export interface AlertIdentity {
  readonly rule?: string;
  readonly host?: string;
  readonly tags?: Tags;
  readonly labels?: Tags;
}

export interface KitOptions {
  readonly config?: unknown;
  readonly receivers?: readonly (string | GivenReceiver)[];
  readonly store?: AlertStore;
  readonly start?: number;
  readonly repeatOf?: (rule: string) => RepeatTimes | undefined;
}

type GivenReceiver = ReceiverSettings & { readonly sendResolved?: boolean };

export class Kit {
  readonly clock;
  readonly store: AlertStore;
  readonly log = recordingLog();
  readonly sent: Notification[] = [];
  readonly notifications: Notifications;
  readonly #firing = new Map<string, AlertView>();

  constructor({
    config = {},
    receivers = ['ops'],
    store = memoryAlertStore(),
    start = NOON,
    repeatOf,
  }: KitOptions = {}) {
    this.clock = manualClock(start);
    this.store = store;
    this.notifications = new Notifications({
      routing: routingOf(config, receivers),
      receivers: this.receivers(receivers),
      repeatOf: repeatOf ?? (() => undefined),
      store,
      clock: this.clock,
      random: () => 0.5,
      current: (id) => this.#firing.get(id),
      display: () => ({ publicUrl: undefined, timeZone: 'UTC' }),
      listed: (id) => {
        const alert = this.#firing.get(id);
        return alert && { alert: this.notifications.complete(alert), state: 'firing', suppressed: [] };
      },
      log: this.log,
    });
    if (store.collection('ledger').entries().length === 0) this.notifications.start([]);
  }

  receivers(given: readonly (string | GivenReceiver)[]): readonly Receiver[] {
    return given.map((receiver) => {
      const { name, sendResolved = true }: GivenReceiver = typeof receiver === 'string' ? { name: receiver } : receiver;
      return {
        name,
        address: { kind: 'fake', target: name },
        sendResolved,
        timeout: 10 * SECOND,
        rate: { perSecond: 1e6, burst: 1e6 },
        notifier: {
          notify: (notification) => {
            this.sent.push(notification);
            return Promise.resolve();
          },
        },
      };
    });
  }

  async settle(): Promise<void> {
    await settle();
  }

  async reload(config: unknown, receivers: readonly (string | GivenReceiver)[] = ['ops']): Promise<void> {
    this.notifications.reload(routingOf(config, receivers), this.receivers(receivers));
    await settle();
  }

  /** A second at a time, as the agent does. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += SECOND) {
      this.clock.advance(Math.min(SECOND, ms - passed));
      this.notifications.tick();
      await settle();
    }
  }

  async fire(level: AlertLevel, identity: AlertIdentity = {}): Promise<string> {
    const fresh = viewOf(identity, level, this.clock.now());
    const known = this.#firing.get(fresh.fingerprint);
    const alert: AlertView = {
      ...fresh,
      startsAt: known?.startsAt ?? fresh.startsAt,
      previousLevel: known?.level ?? 'ok',
    };
    this.#firing.set(alert.fingerprint, alert);
    await this.handle({
      kind: known === undefined ? 'fired' : 'level_up',
      alert,
      at: this.clock.now(),
      quiet: undefined,
    });
    return alert.fingerprint;
  }

  async resolve(identity: AlertIdentity = {}): Promise<void> {
    const { fingerprint: id } = viewOf(identity, 'warning', 0);
    const known = this.#firing.get(id);
    if (known === undefined) throw new Error('It does not fire');
    this.#firing.delete(id);
    const alert: AlertView = { ...known, status: 'resolved', endsAt: this.clock.now() };
    await this.handle({ kind: 'resolved', alert, at: this.clock.now(), quiet: undefined });
  }

  /** The next process; what fires goes on firing. */
  async restarted(options: KitOptions = {}): Promise<Kit> {
    const next = new Kit({ store: this.store, start: this.clock.now(), ...options });
    for (const [id, alert] of this.#firing) next.#firing.set(id, alert);
    next.notifications.start(
      [...next.#firing.values()].map((alert) => ({ kind: 'fired', alert, at: alert.startsAt, quiet: undefined })),
    );
    await settle();
    return next;
  }

  /** Those that have ended meanwhile are not there any more. */
  forget(identity: AlertIdentity = {}): void {
    this.#firing.delete(viewOf(identity, 'warning', 0).fingerprint);
  }

  async handle(event: AlertEvent): Promise<void> {
    this.store.transaction(() => {
      this.notifications.handle(event);
    });
    await settle();
  }

  view(id: string): AlertView {
    const alert = this.#firing.get(id);
    if (alert === undefined) throw new Error('It does not fire');
    return alert;
  }

  /** `reason level rule…` of what was sent since the last call. */
  told(receiver?: string): readonly string[] {
    const wanted = this.sent.filter((one) => receiver === undefined || one.receiver === receiver);
    for (const one of wanted) this.sent.splice(this.sent.indexOf(one), 1);
    return wanted.map(({ reason, alerts }) => {
      const about = alerts.map(({ rule, status, level }) => `${rule}=${status === 'resolved' ? 'ok' : level}`);
      return `${reason} ${about.join(' ')}`;
    });
  }
}

export function viewOf(
  { rule = 'cpu', host = 'web1', tags = {}, labels = {} }: AlertIdentity,
  level: AlertLevel,
  startsAt: number,
): AlertView {
  const identity = { ...tags, host };
  return {
    ...firstAlert(),
    rule,
    host,
    level,
    labels,
    tags: identity,
    fingerprint: fingerprint(rule, identity),
    startsAt,
    endsAt: undefined,
    previousLevel: 'ok',
  };
}

/** Lets everything happen that needs no time. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
