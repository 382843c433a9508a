/** The whole agent: an ordered list of parts that start, reload and stop on one path. */
import type { AlertControl } from '../alerts/control.ts';
import type { Config } from '../config/config.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { Feed } from '../core/feed.ts';
import type { Logger } from '../core/logger.ts';
import { prepareAll } from '../core/part.ts';
import { redactedRecord } from '../core/redact.ts';
import { openHostNamed } from '../host/context.ts';
import type { HostEnvironment } from '../host/machine.ts';
import type { Journal } from '../journal/journal.ts';
import type { AgentEvents, AuditEntry } from '../plugin/index.ts';

import { createContexts } from './contexts.ts';
import { createParts, type Parts } from './parts.ts';
import { entriesOf } from './sections.ts';
import { selfMetrics } from './self-metrics.ts';

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
  /** Takes entries of the audit log of alerts. Without it there are no alerts. */
  readonly writeAudit?: (entry: AuditEntry) => void;
  /** Takes secrets out of the audit log. */
  readonly redact?: (text: string) => string;
  /** The agent's own log, for inputs that send it elsewhere. */
  readonly log?: AgentEvents['onLog'];
  /** Inputs have no schedule; `gatherOnce` asks them. Default false. */
  readonly once?: boolean;
}

const NOTHING = () => () => undefined;

export class Agent {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #parts: Parts;
  readonly #stopping = new AbortController();
  /** In use, or being prepared. */
  #config: Config;

  constructor(options: AgentOptions) {
    const { config, version, environment, logFor, clock = systemClock, random = Math.random, writeAudit } = options;
    this.#config = config;
    this.#clock = clock;
    this.#log = logFor('agent');
    const audit = new Feed<AuditEntry>();
    const self = { snapshot: () => selfMetrics(this.#parts, version) };
    const events: AgentEvents = {
      onLog: options.log ?? NOTHING,
      onAlertEvent: audit.subscribe,
      alerts: () => this.alerts?.alerts() ?? [],
    };
    const onEntry = (entry: AuditEntry) => {
      const clean = redactedEntry(entry, options.redact);
      writeAudit?.(clean);
      audit.publish(clean);
    };
    this.#parts = createParts({
      config,
      contextOf: createContexts({ config: () => this.#config, environment, logFor, clock, self, events }),
      host: openHostNamed(config.agent.hostname, environment),
      self,
      stopTimeout: () => this.#config.agent.stop_timeout / 2,
      onEntry: writeAudit === undefined ? undefined : onEntry,
      journal: options.journal,
      once: options.once ?? false,
      clock,
      random,
      logFor,
    });
  }

  /**
   * @param signal aborts the start
   * @throws what a plugin refuses, and HeldError if another process has the journal; then nothing was started
   */
  async start(signal: AbortSignal = this.#stopping.signal): Promise<void> {
    await this.#take(this.#config, signal);
    const { inputs, outputs } = this.#config;
    this.#log.info('Started', { inputs: aliases(inputs), outputs: aliases(outputs) });
  }

  /**
   * Puts a new configuration to use. Only what differs is stopped and started; journal, cursors and counters stay.
   *
   * @throws what a plugin refuses; then everything goes on as before
   */
  async reload(config: Config): Promise<void> {
    const before = new Set(entriesOf(this.#config).map(({ fingerprint }) => fingerprint));
    await this.#take(config, this.#stopping.signal);
    const started = entriesOf(config).filter(({ fingerprint }) => !before.has(fingerprint));
    this.#log.info('Reloaded', started.length === 0 ? {} : { started: aliases(started) });
  }

  /** Lets outputs open their files again, after a rotation from outside. */
  reopen(): Promise<void> {
    return this.#parts.deliver.reopen();
  }

  /**
   * With `once`: gathers from every input twice, so that rates are known, and passes on what the second gather brought.
   * `stop` then sends it.
   *
   * @param between milliseconds between the two
   * @returns aliases of the inputs that failed
   */
  gatherOnce(between: number): Promise<readonly string[]> {
    return this.#parts.gather.gatherOnce(between, this.#stopping.signal);
  }

  /** What people ask of alerts and do to them; undefined if there are none. */
  get alerts(): AlertControl | undefined {
    return this.#parts.alerts?.alerts;
  }

  /** Inputs end, the pipeline drains, outputs send what is left until the configured deadline. Never throws. */
  async stop(): Promise<void> {
    this.#stopping.abort(new DOMException('The agent stops', 'AbortError'));
    const deadline = this.#clock.elapsed() + this.#config.agent.stop_timeout;
    const parts = this.#parts.inOrder;
    for (const [index, part] of [...parts.entries()].toReversed()) {
      // An equal share of the time that is left; the first part, the journal, only closes and needs none.
      const late = new AbortController();
      const cancel = this.#clock.after((deadline - this.#clock.elapsed()) / Math.max(1, index), () => {
        late.abort();
      });
      await part.stop(late.signal);
      cancel();
    }
    this.#log.info('Stopped');
  }

  async #take(config: Config, signal: AbortSignal): Promise<void> {
    const before = this.#config;
    this.#config = config;
    try {
      const prepared = await prepareAll(this.#parts.inOrder.map((part) => () => part.prepare(config, signal)));
      await prepared.use();
    } catch (error) {
      this.#config = before;
      throw error;
    }
  }
}

function redactedEntry(entry: AuditEntry, redact: (text: string) => string = (text) => text): AuditEntry {
  return entry.detail === undefined ? entry : { ...entry, detail: redactedRecord(entry.detail, redact) };
}

function aliases(entries: readonly { readonly alias: string }[]): readonly string[] {
  return entries.map(({ alias }) => alias);
}
