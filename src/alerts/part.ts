/** Alerts within the agent: the notifiers of the configuration, the store of the state directory, and a tick a second. */
import { join } from 'node:path';

import { Alerts } from './alerts.ts';
import { createCapture } from './context/context.ts';
import type { Receiver } from './outbox/receiver.ts';
import { openAlertStore } from './store/sqlite-store.ts';
import type { NotifierEntry } from './entry.ts';
import type { AlertSettings } from './settings.ts';
import type { AuditEntry } from '../plugin/audit-entry.ts';
import { nanoseconds, type Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Metric, Tags } from '../metric/metric.ts';
import type { Logger, Notifier, Plugin, PluginContext } from '../plugin/index.ts';

import type { PluginEntry } from '../host/entry.ts';
import { FailureLog } from '../host/failure-log.ts';
import type { OpenHost } from '../host/machine.ts';
import type { Statistics } from '../host/statistics.ts';

/** What of the configuration concerns alerts. */
export interface AlertsSection {
  readonly settings: AlertSettings;
  readonly notifiers: readonly NotifierEntry[];
  readonly stateDirectory: string;
  /** The agent's own metrics come through the pipeline, by the input `internal`. */
  readonly hasInternal: boolean;
}

export interface AlertingOptions {
  readonly section: AlertsSection;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly host: OpenHost;
  readonly contextOf: (kind: string, entry: PluginEntry<Plugin>) => PluginContext;
  /** Told of each entry of the audit log. */
  readonly onEntry: (entry: AuditEntry) => void;
  readonly statistics: Statistics;
  readonly globalTags: () => Tags;
}

/** A notifier of the configuration that has been made. */
interface MadeNotifier {
  readonly entry: NotifierEntry;
  readonly notifier: Notifier;
}

const TICK_MS = 1000;
const KEEP_ALIVE_MS = 60_000;
const SELF_WATCH_MS = 10_000;
const DEFAULT_RATE = { perSecond: 10, burst: 10 };

/** Notifiers that are ready for a new configuration; none is in use before `Alerting.use`. */
export type PreparedAlerting = readonly MadeNotifier[];

export class Alerting {
  /** For the log. */
  readonly entry = { alias: 'alerts' };
  readonly alerts: Alerts;
  readonly #failures: FailureLog;
  readonly #options: AlertingOptions;
  #notifiers: readonly MadeNotifier[];
  #cancelTick: () => void = () => undefined;
  #keptAliveAt = -Infinity;
  #watchedSelfAt = -Infinity;
  /** The agent's own metrics come with all others. */
  #hasInternal: boolean;

  /** @throws what a notifier says about options that its schema cannot check */
  static async open(options: AlertingOptions): Promise<Alerting> {
    const notifiers = await makeNotifiers(options.section.notifiers, options);
    const { section, clock, log, onEntry } = options;
    const store = await openAlertStore({
      directory: section.stateDirectory,
      log,
      onEntry,
      clock,
      retention: section.settings.retention,
    });
    return new Alerting(options, notifiers, store);
  }

  private constructor(
    options: AlertingOptions,
    notifiers: readonly MadeNotifier[],
    store: Awaited<ReturnType<typeof openAlertStore>>,
  ) {
    const { section, clock, random, log, host } = options;
    this.#options = options;
    this.#failures = new FailureLog(log, clock);
    this.#notifiers = notifiers;
    this.#hasInternal = section.hasInternal;
    this.alerts = new Alerts({
      settings: section.settings,
      receivers: notifiers.map(receiverOf),
      store,
      capture: createCapture({ host, clock }),
      clock,
      random,
      log,
    });
    options.statistics.alerts = () => this.alerts.selfMetrics();
  }

  start(): void {
    this.alerts.start();
    this.#tickRegularly();
  }

  /** Never throws: what is wrong with a rule must not cost a metric. */
  observe(metric: Metric): void {
    try {
      this.alerts.observe(metric);
      this.#failures.succeeded('Judging metrics works');
    } catch (error) {
      this.#failures.failed('A metric could not be judged', error, { metric: metric.name });
    }
  }

  /** Makes what has changed. @throws what a notifier refuses; then nothing is changed */
  async prepare({ notifiers }: AlertsSection): Promise<PreparedAlerting> {
    const isKept = (entry: NotifierEntry) => this.#notifiers.find((made) => isSame(made.entry, entry));
    const fresh = await makeNotifiers(
      notifiers.filter((entry) => isKept(entry) === undefined),
      this.#options,
    );
    return notifiers.flatMap((entry) => isKept(entry) ?? fresh.filter((made) => made.entry === entry));
  }

  use(section: AlertsSection, prepared: PreparedAlerting): void {
    const removed = this.#notifiers.filter((made) => !prepared.includes(made));
    this.#notifiers = prepared;
    this.#hasInternal = section.hasInternal;
    this.alerts.reload(section.settings, prepared.map(receiverOf));
    void this.#stopNotifiers(removed);
  }

  async stop(signal: AbortSignal): Promise<void> {
    this.#cancelTick();
    await this.alerts.stop(signal);
    await this.#stopNotifiers(this.#notifiers);
  }

  #tickRegularly(): void {
    this.#cancelTick = this.#options.clock.after(TICK_MS, () => {
      this.#tickRegularly();
      try {
        this.alerts.tick();
        this.#keepAlive();
        this.#watchSelf();
      } catch (error) {
        this.#options.log.error(`Alerts could not be looked after: ${describeError(error)}`);
      }
    });
  }

  /** Failures are told by the outbox, for what matters; here the next minute tries again. */
  #keepAlive(): void {
    const now = this.#options.clock.elapsed();
    if (now - this.#keptAliveAt < KEEP_ALIVE_MS) return;
    this.#keptAliveAt = now;
    for (const { entry, notifier } of this.#notifiers) {
      const firing = notifier.keepAlive === undefined ? [] : this.alerts.toldOf(entry.alias);
      if (firing.length === 0) continue;
      notifier.keepAlive?.(firing, AbortSignal.timeout(entry.timeout)).catch((error: unknown) => {
        this.#options.log.debug(`${entry.alias} could not be told again what fires: ${describeError(error)}`);
      });
    }
  }

  /** Rules on the agent itself need no input. */
  #watchSelf(): void {
    const { clock, statistics, globalTags } = this.#options;
    if (this.#hasInternal || clock.elapsed() - this.#watchedSelfAt < SELF_WATCH_MS) return;
    this.#watchedSelfAt = clock.elapsed();
    const time = nanoseconds(clock.now());
    for (const { name, tags, fields } of statistics.snapshot()) {
      this.observe({ name, tags: { ...globalTags(), ...tags }, fields, time });
    }
  }

  async #stopNotifiers(notifiers: readonly MadeNotifier[]): Promise<void> {
    for (const { entry, notifier } of notifiers) {
      try {
        await notifier.stop?.();
      } catch (error) {
        this.#options.log.error(`Stopping the notifier ${entry.alias} failed: ${describeError(error)}`);
      }
    }
  }
}

/** Where the audit log is, unless the configuration names another file. */
export function alertLogPath(stateDirectory: string): string {
  return join(stateDirectory, 'alerts.log');
}

function makeNotifiers(
  entries: readonly NotifierEntry[],
  { contextOf }: Pick<AlertingOptions, 'contextOf'>,
): Promise<readonly MadeNotifier[]> {
  return Promise.all(
    entries.map(async (entry) => ({
      entry,
      notifier: await entry.plugin.create(entry.options, contextOf('notifiers', entry)),
    })),
  );
}

/** What the configuration says goes before what the notifier asks for. */
function receiverOf({ entry, notifier }: MadeNotifier): Receiver {
  const { perSecond, burst } = notifier.rate ?? DEFAULT_RATE;
  const rate = entry.rate === undefined ? { perSecond, burst } : { perSecond: entry.rate, burst };
  return { name: entry.alias, notifier, timeout: entry.timeout, rate, ttl: entry.ttl };
}

function isSame(a: NotifierEntry, b: NotifierEntry): boolean {
  return a.alias === b.alias && a.fingerprint === b.fingerprint;
}
