/** The whole agent: composition, and the order of start, reload and stop. */
import type { AlertControl } from '../alerts/control.ts';
import type { Config } from '../config/config.ts';
import type { OutputEntry } from '../deliver/entry.ts';
import type { InputEntry, ProcessorEntry } from '../gather/entry.ts';
import type { PluginEntry } from '../host/entry.ts';
import { pause, systemClock, type Clock } from '../core/clock.ts';
import type { AuditEntry } from '../plugin/audit-entry.ts';
import { describeError } from '../core/errors.ts';
import { Feed } from '../core/feed.ts';
import type { Tags } from '../metric/metric.ts';
import { redactedRecord } from '../core/redact.ts';
import type { Journal } from '../journal/journal.ts';
import { LineJournal } from '../journal/line-journal.ts';
import type { AgentEvents, Logger, MetricSpec, Plugin } from '../plugin/index.ts';

import { areSame, changedEntries, hasAlias, splitRunners } from '../host/instances.ts';
import { deadLetterPath, openDeadLetters, type DeadLetters } from '../deliver/dead-letters.ts';
import type { HostEnvironment, OpenHost } from '../host/machine.ts';
import { InputRunner } from '../gather/input-runner.ts';
import { openJournal } from '../journal/part.ts';
import { OutputRunner } from '../deliver/output-runner.ts';
import { Pipeline } from '../gather/pipeline.ts';
import { Alerting, type AlertsSection } from '../alerts/part.ts';
import { NO_EVENTS } from '../host/events.ts';
import { openHostNamed, pluginContext } from '../host/context.ts';
import { createStatistics, type Statistics } from '../host/statistics.ts';
import { stopRunners } from '../host/stop-runners.ts';
import { createTurns } from '../gather/turns.ts';

export interface AgentOptions {
  readonly config: Config;
  readonly version: string;
  /** HOST_PROC, HOST_SYS, … */
  readonly environment: HostEnvironment;
  /** A logger that writes `name` with each line: `agent`, or `inputs.cpu` and the like. */
  readonly logFor: (name: string) => Logger;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Default: as the configuration has it. */
  readonly journal?: Journal;
  /** Takes entries for the audit log of alerts. Without it there are no alerts. */
  readonly writeAudit?: (entry: AuditEntry) => void;
  /** The agent's own log, for inputs that send it elsewhere. */
  readonly log?: AgentEvents['onLog'];
  /** Takes secrets out of what the audit log is told. */
  readonly redact?: (text: string) => string;
}

/** What a reload or the start has made ready but not put to use. */
interface Prepared {
  readonly config: Config;
  readonly inputs: readonly InputRunner[];
  readonly outputs: readonly OutputRunner[];
  readonly useProcessors: (() => void) | undefined;
  readonly useAlerting: (() => void) | undefined;
}

/** Processors with windows are asked this often what is due. */
const FLUSH_MS = 1000;

export class Agent {
  readonly #options: AgentOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  #journal: Journal;
  readonly #statistics: Statistics;
  readonly #deadLetters: DeadLetters;
  readonly #pipeline: Pipeline;
  readonly #takeTurn = createTurns();
  readonly #audit = new Feed<AuditEntry>();
  readonly #events: AgentEvents;
  readonly #stopped = new AbortController();
  #config: Config;
  #globalTags: Tags;
  #processors: readonly ProcessorEntry[] = [];
  #inputs: readonly InputRunner[] = [];
  #outputs: readonly OutputRunner[] = [];
  #alerting: Alerting | undefined;
  #cancelFlush: () => void = () => undefined;
  /** What inputs report now only primes their counters. */
  #priming = false;

  constructor(options: AgentOptions) {
    const { config, logFor, clock = systemClock } = options;
    this.#options = options;
    this.#config = config;
    this.#clock = clock;
    this.#log = logFor('agent');
    this.#journal =
      options.journal ?? LineJournal.inMemory({ memoryBytes: config.journal.memory_bytes, clock, log: this.#log });
    this.#statistics = createStatistics(options.version);
    this.#statistics.onSnapshot(() => {
      for (const output of this.#outputs) output.refreshStatistics();
      this.#statistics.journal = this.#journal.status;
    });
    this.#events = {
      onLog: options.log ?? NO_EVENTS.onLog,
      onAlertEvent: this.#audit.subscribe,
      alerts: () => this.alerts?.alerts() ?? [],
    };
    const path = deadLetterPath(config.agent.state_dir);
    this.#deadLetters = openDeadLetters({ path, clock, log: this.#log });
    this.#globalTags = globalTags(config, this.#openHost());
    this.#pipeline = new Pipeline({
      contextOf: (entry) => this.#context('processors', entry),
      observe: (metric) => this.#alerting?.observe(metric),
      append: (lines, size) => {
        this.#journal.append(lines, size);
        for (const output of this.#outputs) output.notify();
      },
    });
  }

  /**
   * @throws what a plugin says about options that its schema cannot check, and HeldError if another process has the
   *   journal; then nothing was started
   */
  async start(): Promise<void> {
    const { config, journal } = this.#options;
    if (journal === undefined)
      this.#journal = await openJournal(
        { settings: config.journal, stateDirectory: config.agent.state_dir },
        this.#clock,
        this.#options.logFor('journal'),
      );
    try {
      const prepared = await this.#prepare(config);
      this.#alerting = await this.#openAlerting(config);
      await this.#use(prepared);
      this.#alerting?.start();
    } catch (error) {
      await this.#alerting?.stop(AbortSignal.abort());
      await this.#journal.close();
      throw error;
    }
    this.#warnOfIdleCursors();
    this.#flushRegularly();
    this.#log.info('Started', { inputs: aliases(config.inputs), outputs: aliases(config.outputs) });
  }

  /**
   * Puts a new configuration to use. Only what changed is stopped and started; journal, cursors and counters stay.
   *
   * @throws if a plugin refuses its options; then everything goes on as before
   */
  async reload(config: Config): Promise<void> {
    const prepared = await this.#prepare(config);
    await this.#use(prepared);
    this.#log.info('Reloaded', {
      started: [...prepared.inputs, ...prepared.outputs].map(({ entry }) => entry.alias),
    });
  }

  /** Lets outputs open their files anew, after a rotation from outside. */
  async reopen(): Promise<void> {
    await Promise.all(
      this.#outputs.map(async (output) => {
        try {
          await output.reopen();
        } catch (error) {
          this.#log.error(`Could not reopen ${output.entry.alias}: ${describeError(error)}`);
        }
      }),
    );
  }

  /**
   * Instead of `start`: gathers from every input twice, so that rates are known, and passes on what the second gather
   * brought. `stop` then sends it.
   *
   * @param between milliseconds between the two
   * @returns aliases of the inputs that failed
   */
  async gatherOnce(between: number): Promise<readonly string[]> {
    const { inputs, outputs, useProcessors } = await this.#prepare(this.#config);
    useProcessors?.();
    this.#inputs = inputs;
    this.#outputs = outputs;
    for (const output of outputs) output.attach(this.#journal);
    this.#priming = true;
    await Promise.all(inputs.map((input) => input.gatherNow()));
    await pause(this.#clock, between, this.#stopped.signal);
    this.#priming = false;
    const succeeded = await Promise.all(inputs.map((input) => input.gatherNow()));
    this.#pipeline.flush(this.#clock.now(), true);
    for (const output of outputs) output.start(this.#journal);
    return inputs.filter((_, index) => succeeded[index] === false).map(({ entry }) => entry.alias);
  }

  /** For whoever shows alerts and acts on them; undefined if there are none. */
  get alerts(): AlertControl | undefined {
    return this.#alerting?.alerts;
  }

  /** Inputs end, the pipeline drains, outputs send what is left until the configured deadline. Never throws. */
  async stop(): Promise<void> {
    const { stop_timeout } = this.#config.agent;
    this.#stopped.abort();
    this.#cancelFlush();
    await stopRunners(this.#inputs, stop_timeout / 2, { clock: this.#clock, log: this.#log });
    this.#pipeline.flush(this.#clock.now(), true);
    const last = this.#alerting === undefined ? this.#outputs : [...this.#outputs, this.#alerting];
    await stopRunners(last, stop_timeout / 2, { clock: this.#clock, log: this.#log });
    await this.#journal.close();
    this.#log.info('Stopped');
  }

  /** @throws what a plugin refuses; then nothing is left of what was prepared */
  async #prepare(config: Config): Promise<Prepared> {
    const changedOutputs = changedEntries(config.outputs, this.#outputs);
    const changedInputs = changedEntries(config.inputs, this.#inputs);
    try {
      const useProcessors = areSame(config.processors, this.#processors)
        ? undefined
        : await this.#pipeline.prepare(config.processors);
      const outputs = await Promise.all(changedOutputs.map((entry) => this.#createOutput(entry)));
      const inputs = await Promise.all(changedInputs.map((entry) => this.#createInput(entry)));
      const alerting = await this.#alerting?.prepare(alertsSection(config));
      const useAlerting =
        alerting === undefined ? undefined : () => this.#alerting?.use(alertsSection(config), alerting);
      return { config, inputs, outputs, useProcessors, useAlerting };
    } catch (error) {
      this.#forgetUnused(changedInputs, changedOutputs, this.#config);
      throw error;
    }
  }

  async #use({ config, inputs, outputs, useProcessors, useAlerting }: Prepared): Promise<void> {
    const [keptInputs, oldInputs] = splitRunners(this.#inputs, config.inputs);
    const [keptOutputs, oldOutputs] = splitRunners(this.#outputs, config.outputs);
    await stopRunners(oldInputs, this.#config.agent.stop_timeout / 2, { clock: this.#clock, log: this.#log });
    useProcessors?.();
    useAlerting?.();
    this.#processors = config.processors;
    this.#pipeline.commit();
    await stopRunners(oldOutputs, this.#config.agent.stop_timeout / 2, { clock: this.#clock, log: this.#log });
    this.#forgetUnused(entriesOf(oldInputs), entriesOf(oldOutputs), config);
    this.#config = config;
    this.#globalTags = globalTags(config, this.#openHost());
    this.#outputs = [...keptOutputs, ...outputs];
    this.#inputs = [...keptInputs, ...inputs];
    for (const output of outputs) output.start(this.#journal);
    for (const input of inputs) input.start();
    // Then the first gathers have begun, and those that wait for nothing have ended.
    await new Promise<void>((resolve) => {
      this.#takeTurn(resolve);
    });
  }

  #warnOfIdleCursors(): void {
    for (const name of this.#journal.status.idle) {
      this.#log.warn(
        `The journal keeps lines for ${name}, which is no output any more; "healthd journal forget ${name}" gives them up`,
      );
    }
  }

  #openAlerting(config: Config): Promise<Alerting | undefined> {
    const { writeAudit, redact = (text: string) => text, random = Math.random } = this.#options;
    if (writeAudit === undefined) return Promise.resolve(undefined);
    return Alerting.open({
      section: alertsSection(config),
      clock: this.#clock,
      random,
      log: this.#options.logFor('alerts'),
      host: this.#openHost(),
      contextOf: (kind, entry) => this.#context(kind, entry),
      onEntry: (entry) => {
        const clean = entry.detail === undefined ? entry : { ...entry, detail: redactedRecord(entry.detail, redact) };
        writeAudit(clean);
        this.#audit.publish(clean);
      },
      statistics: this.#statistics,
      globalTags: () => this.#globalTags,
    });
  }

  #createInput(entry: InputEntry): Promise<InputRunner> {
    return InputRunner.create({
      entry,
      context: this.#context('inputs', entry),
      globalTags: () => this.#globalTags,
      statistics: this.#statistics.input(entry.plugin.name, entry.alias),
      push: (metric) => {
        if (!this.#priming) this.#pipeline.push(metric);
      },
      random: this.#options.random ?? Math.random,
      takeTurn: this.#takeTurn,
    });
  }

  #createOutput(entry: OutputEntry): Promise<OutputRunner> {
    const statistics = this.#statistics.output(entry.plugin.name, entry.alias);
    const { buffer, max_bytes, memory_bytes } = this.#options.config.journal;
    statistics.buffer_limit = buffer === 'disk' ? max_bytes : memory_bytes;
    return OutputRunner.create({
      entry,
      context: this.#context('outputs', entry),
      statistics,
      deadLetters: this.#deadLetters,
      random: this.#options.random ?? Math.random,
    });
  }

  /** Gives up counters whose alias the configuration does not have, and leaves cursors alone that nobody reads with. */
  #forgetUnused(inputs: readonly InputEntry[], outputs: readonly OutputEntry[], config: Config): void {
    for (const entry of inputs) if (!hasAlias(config.inputs, entry)) this.#statistics.removeInput(entry.alias);
    for (const entry of outputs) {
      if (hasAlias(config.outputs, entry)) continue;
      this.#journal.release(entry.alias);
      this.#statistics.removeOutput(entry.alias);
    }
  }

  #context(kind: string, { plugin, alias }: PluginEntry<Plugin>) {
    const name = alias === plugin.name ? `${kind}.${alias}` : `${kind}.${plugin.name}::${alias}`;
    return pluginContext({
      hostname: this.#config.agent.hostname,
      environment: this.#options.environment,
      log: this.#options.logFor(name),
      clock: this.#clock,
      self: this.#statistics,
      describe: (measurement) => describeIn(this.#config, measurement),
      events: this.#events,
    });
  }

  #openHost(): OpenHost {
    return openHostNamed(this.#config.agent.hostname, this.#options.environment);
  }

  #flushRegularly(): void {
    this.#cancelFlush = this.#clock.after(FLUSH_MS, () => {
      this.#flushRegularly();
      this.#pipeline.flush(this.#clock.now(), false);
    });
  }
}

function alertsSection({ agent, alerts, inputs, notifiers }: Config): AlertsSection {
  const hasInternal = inputs.some(({ plugin }) => plugin.name === 'internal');
  return { settings: alerts, notifiers, stateDirectory: agent.state_dir, hasInternal };
}

function globalTags({ agent }: Config, host: OpenHost): Tags {
  return agent.omit_hostname ? agent.tags : { host: host.hostname, ...agent.tags };
}

/** Several inputs may report one measurement; the first one that says something about it is believed. */
function describeIn({ inputs }: Config, measurement: string): MetricSpec | undefined {
  for (const { plugin } of inputs) {
    if (Object.hasOwn(plugin.metrics, measurement)) return plugin.metrics[measurement];
  }
  return undefined;
}

function entriesOf<Entry>(runners: readonly { readonly entry: Entry }[]): readonly Entry[] {
  return runners.map(({ entry }) => entry);
}

function aliases(entries: readonly PluginEntry<Plugin>[]): readonly string[] {
  return entries.map(({ alias }) => alias);
}
