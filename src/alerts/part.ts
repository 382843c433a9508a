/** Alerts as a part of the agent: the notifiers of the configuration, the store on disk, and a tick a second. */
import { join } from 'node:path';

import { nanoseconds, type Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { prepareAll, type Part, type PartStatus, type Prepared } from '../core/part.ts';
import type { OpenContext } from '../host/context.ts';
import { FailureLog } from '../host/failure-log.ts';
import { Instances } from '../host/instances.ts';
import type { OpenHost } from '../host/machine.ts';
import type { Metric, Tags } from '../metric/metric.ts';
import type { AuditEntry } from '../plugin/audit-entry.ts';
import type { HttpClient, SelfStatistics } from '../plugin/index.ts';

import { Alerts } from './alerts.ts';
import { createCapture } from './context/context.ts';
import type { Explain } from './context/source.ts';
import type { Sender } from './engine/across-hosts.ts';
import type { Origin } from './engine/departure.ts';
import type { NotifierEntry } from './entry.ts';
import { Heartbeat } from './heartbeat.ts';
import { MadeNotifier } from './made-notifier.ts';
import type { AlertSettings } from './settings.ts';
import { openAlertStore } from './store/sqlite-store.ts';
import type { AlertStore } from './store/store.ts';

/** What of the configuration concerns alerts. */
export interface AlertsSection {
  readonly settings: AlertSettings;
  readonly notifiers: readonly NotifierEntry[];
  readonly stateDirectory: string;
  /** `host` and the tags of the configuration, for the agent's own metrics. */
  readonly globalTags: Tags;
  readonly inputs: Origin['inputs'];
  /** The agent's own metrics come through the pipeline, by the input `internal`. */
  readonly hasInternal: boolean;
}

export interface AlertsPartOptions {
  readonly contextOf: (entry: NotifierEntry) => OpenContext;
  readonly host: OpenHost;
  /** Takes each entry of the audit log. */
  readonly onEntry: (entry: AuditEntry) => void;
  readonly self: SelfStatistics;
  /** What the inputs know of the object of an alert. */
  readonly explain: Explain;
  /** For the heartbeat. */
  readonly http: HttpClient;
  /** How long a replaced notifier may take to stop. Milliseconds. */
  readonly stopTimeout: () => number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

const TICK_MS = 1000;
const KEEP_ALIVE_MS = 60_000;
const SELF_WATCH_MS = 10_000;

/** Several times the longest pause between ticks: later than this, rules are not evaluated. Milliseconds. */
const TICKS_STOPPED_MS = 60_000;

/** A receiver that takes nothing for so long cannot be notified of that. Milliseconds. */
const FAILING_MS = 600_000;

/** Where the audit log is, unless the configuration names another file. */
export function alertLogPath(stateDirectory: string): string {
  return join(stateDirectory, 'alerts.log');
}

export class AlertsPart implements Part<AlertsSection> {
  readonly name = 'alerts';
  readonly #options: AlertsPartOptions;
  readonly #notifiers: Instances<NotifierEntry, MadeNotifier>;
  readonly #failures: FailureLog;
  readonly #heartbeat: Heartbeat;
  #section: AlertsSection | undefined;
  #alerts: Alerts | undefined;
  #cancelTick: () => void = () => undefined;
  /** Milliseconds between ticks. */
  #tickEvery = TICK_MS;
  #tickedAt = -Infinity;
  #keptAliveAt = -Infinity;
  #selfWatches = -Infinity;

  constructor(options: AlertsPartOptions) {
    const { contextOf, stopTimeout, clock, log } = options;
    this.#options = options;
    this.#failures = new FailureLog(log, clock);
    this.#heartbeat = new Heartbeat({ http: options.http, problem: () => this.#problem(), clock, log });
    this.#notifiers = new Instances({
      name: 'notifiers',
      open: (entry) => MadeNotifier.create(entry, contextOf(entry)),
      stopTimeout,
      clock,
      log,
    });
  }

  /** Undefined before the start. */
  get alerts(): Alerts | undefined {
    return this.#alerts;
  }

  async prepare(next: AlertsSection, signal: AbortSignal): Promise<Prepared> {
    let notifiers: readonly MadeNotifier[] = [];
    let store: AlertStore | undefined;
    const prepared = await prepareAll([
      async () => {
        const made = await this.#notifiers.prepare(next.notifiers, signal);
        notifiers = made.next;
        return made;
      },
      () => {
        if (this.#alerts === undefined) store = this.#openStore(next);
        const discard = () => {
          store?.close();
          return Promise.resolve();
        };
        return Promise.resolve({ use: () => Promise.resolve(), discard });
      },
    ]);
    return {
      use: async () => {
        this.#section = next;
        if (store !== undefined) this.#start(next, notifiers, store);
        // Before the replaced notifiers stop, so that they send nothing more.
        else
          this.#alerts?.reload(
            next.settings,
            notifiers.map((made) => made.receiver),
            originOf(next),
          );
        this.#heartbeat.use(next.settings.heartbeat);
        await prepared.use();
      },
      discard: prepared.discard,
    };
  }

  status(): readonly PartStatus[] {
    return this.#alerts?.selfMetrics() ?? [];
  }

  /**
   * Never throws: what is wrong with a rule must not cost a metric.
   *
   * @param input alias of the input that reported it, if that is known
   */
  observe(metric: Metric, input?: string): void {
    this.#judged(metric, (alerts) => {
      alerts.observe(metric, input);
    });
  }

  /** A metric that another host has sent. Never throws. */
  observeMember(metric: Metric, sender: Sender): void {
    this.#judged(metric, (alerts) => {
      alerts.observeMember(metric, sender);
    });
  }

  #judged(metric: Metric, judge: (alerts: Alerts) => void): void {
    try {
      if (this.#alerts !== undefined) judge(this.#alerts);
      this.#failures.succeeded('Judging metrics works');
    } catch (error) {
      this.#failures.failed('A metric could not be judged', error, { metric: metric.name });
    }
  }

  /** Notifications for its notifiers wait, and their receivers count as failing. */
  stopModule(file: string): Promise<readonly string[]> {
    return this.#notifiers.stopModule(file);
  }

  /** Sends what can be sent until the signal aborts; the rest stays in the store. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#cancelTick();
    this.#heartbeat.stop();
    try {
      await this.#alerts?.stop(signal);
    } catch (error) {
      this.#options.log.error(`Stopping alerts failed: ${describeError(error)}`);
    }
    await this.#notifiers.stop(signal);
    this.#options.host.close();
  }

  #openStore({ stateDirectory, settings }: AlertsSection): AlertStore {
    const { clock, log, onEntry } = this.#options;
    return openAlertStore({ directory: stateDirectory, retention: settings.retention, log, onEntry, clock });
  }

  #start(section: AlertsSection, notifiers: readonly MadeNotifier[], store: AlertStore): void {
    const { clock, random, log, host, explain } = this.#options;
    const { settings } = section;
    const origin = originOf(section);
    const receivers = notifiers.map((made) => made.receiver);
    const capture = createCapture({ host, clock, explain });
    const onWaiting = () => {
      if (this.#tickEvery > TICK_MS) this.#tickAfter(TICK_MS);
    };
    this.#alerts = new Alerts({ settings, origin, receivers, store, onWaiting, capture, clock, random, log });
    this.#alerts.start();
    this.#tickedAt = clock.elapsed();
    this.#tickAfter(TICK_MS);
  }

  /** At multiples of the time, when inputs are gathered as well: one wake-up for both. */
  #tickAfter(ms: number): void {
    const { clock } = this.#options;
    this.#cancelTick();
    this.#tickEvery = ms;
    this.#cancelTick = clock.after(ms - (clock.now() % ms), () => {
      this.#tick();
    });
  }

  #tick(): void {
    let next = TICK_MS;
    try {
      next = this.#alerts?.tick() ?? next;
      this.#tickedAt = this.#options.clock.elapsed();
      this.#keepAlive();
      this.#watchSelf();
    } catch (error) {
      this.#options.log.error(`The tick of alerts failed: ${describeError(error)}`);
    }
    this.#tickAfter(next);
  }

  /** Why alerting does not work, for the heartbeat. */
  #problem(): string | undefined {
    if (this.#section?.settings.rules.length === 0) return 'there are no rules';
    if (this.#failures.failing) return 'metrics could not be judged';
    if (this.#options.clock.elapsed() - this.#tickedAt > TICKS_STOPPED_MS) return 'rules are not evaluated';
    const failing = this.#alerts?.receivers().find(({ failingMs }) => failingMs >= FAILING_MS);
    return failing === undefined ? undefined : `notifications to ${failing.name} do not arrive`;
  }

  #keepAlive(): void {
    const now = this.#options.clock.elapsed();
    if (now - this.#keptAliveAt < KEEP_ALIVE_MS) return;
    this.#keptAliveAt = now;
    for (const notifier of this.#notifiers.running) {
      notifier.keepAlive(() => this.#alerts?.knownTo(notifier.entry.alias) ?? []);
    }
  }

  /** Rules on the agent itself need no input. */
  #watchSelf(): void {
    const { clock, self } = this.#options;
    if (this.#section === undefined || this.#section.hasInternal) return;
    const watches = Math.floor(clock.now() / SELF_WATCH_MS);
    if (watches === this.#selfWatches) return;
    this.#selfWatches = watches;
    const { globalTags } = this.#section;
    const time = nanoseconds(clock.now());
    for (const { name, tags, fields } of self.snapshot()) {
      this.observe({ name, tags: { ...globalTags, ...tags }, fields, time });
    }
  }
}

function originOf({ globalTags, inputs }: AlertsSection): Origin {
  return { host: globalTags['host'] ?? '', inputs };
}
