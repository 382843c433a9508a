/** The parts of an agent, wired together. */
import type { Explain } from '../alerts/context/source.ts';
import type { AlertControl } from '../alerts/control.ts';
import { AlertsPart } from '../alerts/part.ts';
import type { Config } from '../config/config.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { Feed } from '../core/feed.ts';
import type { Part, PartStatus, Prepared } from '../core/part.ts';
import { redactedRecord } from '../core/redact.ts';
import { DeliverPart } from '../deliver/part.ts';
import { Newest } from '../findings/newest.ts';
import { GatherPart } from '../gather/part.ts';
import { HistoryPart, type HistoryOptions } from '../history/part.ts';
import { createHttpClient } from '../host/http-client.ts';
import { knock } from '../host/knock.ts';
import { openHost } from '../host/machine.ts';
import { ProcessCapture } from '../host/processes/capture.ts';
import { createProgramRunner } from '../host/run-program.ts';
import { WindowsReader } from '../host/windows/reader.ts';
import { LazyHubPart } from '../hub/lazy-part.ts';
import type { HubOptions } from '../hub/part.ts';
import { JournalPart } from '../journal/part.ts';
import type { Metric } from '../metric/metric.ts';
import type { AgentEvents, AuditEntry, Logger, SelfStatistics, Storage } from '../plugin/index.ts';
import { ServerPart } from '../server/part.ts';
import type { Sources } from '../server/sources.ts';
import type { StatusPart } from '../status/part.ts';

import { createContexts } from './contexts.ts';
import { createSources, createStatusPart, inventoryOf, type FactsOptions } from './facts.ts';
import type { AgentOptions } from './options.ts';
import {
  alertsSection,
  entriesOf,
  gatherSection,
  historySection,
  hubSection,
  journalSection,
  outputsSection,
  serverSection,
  statusSection,
} from './sections.ts';
import { selfMetrics } from './self-metrics.ts';
import { StrayErrors } from './stray-errors.ts';

/** Instead of the alias of an input, before the id of a host: its lines. No input can have this name. */
const HUB = '_hub ';

/** A part that takes its section out of the whole configuration. */
export interface AgentPart {
  prepare(config: Config, signal: AbortSignal): Promise<Prepared>;
  status(): readonly PartStatus[];
  stopModule(file: string): Promise<readonly string[]>;
  stop(signal: AbortSignal): Promise<void>;
}

export interface Parts {
  readonly journal: JournalPart;
  readonly history: HistoryPart | undefined;
  readonly deliver: DeliverPart;
  readonly alerts: AlertsPart | undefined;
  readonly hub: LazyHubPart;
  readonly gather: GatherPart;
  readonly status: StatusPart;
  readonly server: ServerPart;
  /** For the routes of the server. */
  readonly sources: Sources;
  readonly strayErrors: StrayErrors;
  /** Downstream first: the order in which they are prepared and put to use. They stop in reverse. */
  readonly inOrder: readonly AgentPart[];
}

/** @param config in use, or being prepared @param isStopping whether the agent stops */
export function createParts(options: AgentOptions, config: () => Config, isStopping: () => boolean): Parts {
  const { environment, logFor, version, clock = systemClock, random = Math.random, serve = false } = options;
  const { agent } = options.config;
  const host = openHost({ environment, hostname: agent.hostname });
  const audit = new Feed<AuditEntry>();
  const windows = new WindowsReader(clock);
  const self: SelfStatistics = { snapshot: () => selfMetrics({ ...parts, windows }, version) };
  const events = agentEvents(options, audit.subscribe, () => parts.alerts?.alerts);
  const storage = storageOf(() => parts);
  const hub = hubPart(() => parts, { storage, knock, clock, log: logFor('hub') });
  const ofHub = { fleet: hub.events, hubId: () => hub.id, inventory: () => inventoryOf(host, parts.status) };
  const known = { self, events, storage, windows, ...ofHub, desk: () => parts.alerts?.desk };
  const shared = {
    contextOf: createContexts({ ...known, config, environment, logFor, clock, version, random, isStopping }),
    stopTimeout: () => config().agent.stop_timeout / 2,
    clock,
    random,
    log: logFor('agent'),
  };
  const journal = new JournalPart({ clock, log: logFor('journal'), journal: options.journal });
  const openProcesses = (top?: number) => new ProcessCapture({ ...host, clock, top });
  const ofJournal = { ...shared, journal: () => journal.journal };
  const history = historyPart(options, { ...ofJournal, host, openProcesses, onAlertEvent: audit.subscribe });
  const bounds = { bufferLimit: bufferLimit(options.config.journal), stateDirectory: agent.state_dir };
  const deliver = new DeliverPart({ ...ofJournal, ...bounds });
  const http = createHttpClient(environment);
  const alertsOptions = { host, self, sight: () => hub.sight, http, log: logFor('alerts') };
  const explain: Explain = (...about) => parts.gather.explain(...about);
  const onEntry = auditing(options, audit);
  const alerts = onEntry && new AlertsPart({ ...shared, ...alertsOptions, onEntry, explain });
  const facts: FactsOptions = { options, host, newest: new Newest(), config, parts: () => parts };
  const gather = new GatherPart({
    ...shared,
    once: options.once ?? false,
    findInput: options.findInput,
    openProcesses,
    observe: observing([facts.newest, history, alerts], alerts, hub),
    append: (...lines) => {
      journal.journal.append(...lines);
      for (const part of [history, deliver]) part?.notify();
    },
  });
  const status = createStatusPart(facts);
  const sources = createSources(facts);
  const ofServer = { platform: host.platform, version, sources, http };
  const server = new ServerPart({ ...shared, ...ofServer, log: logFor('server') });
  const inOrder = [
    taking(journal, journalSection),
    ...(history === undefined ? [] : [taking(history, (next) => historySection(next, host))]),
    taking(deliver, (next) => outputsSection(next, host)),
    ...(alerts === undefined ? [] : [taking(alerts, (next) => alertsSection(next, host))]),
    ...(serve ? [taking(hub, (next) => hubSection(next, host))] : []),
    taking(gather, (next) => gatherSection(next, host)),
    ...(serve ? [taking(status, statusSection), taking(server, (next) => serverSection(next, host))] : []),
  ];
  const strayErrors = watchStrayErrors(config, inOrder, options.onTooManyErrors, shared);
  const named = { journal, history, deliver, alerts, hub, gather, status, server };
  const parts: Parts = { ...named, sources, strayErrors, inOrder };
  return parts;
}

/** @param observers of the metrics that this agent gathers; alerts also see those of other hosts, for rules across hosts */
function observing(
  observers: readonly ({ observe(metric: Metric, input?: string): void } | undefined)[],
  alerts: AlertsPart | undefined,
  hub: LazyHubPart,
) {
  return (metric: Metric, input?: string): void => {
    if (input?.startsWith(HUB) !== true) {
      for (const observer of observers) observer?.observe(metric, input);
      hub.observe(metric, input);
      return;
    }
    // What other hosts send was judged there.
    const sender = hub.sender(input.slice(HUB.length));
    if (sender !== undefined) alerts?.observeMember(metric, sender);
  };
}

/** The lines of its hosts go the way of all lines. */
function hubPart(
  parts: () => Pick<Parts, 'gather' | 'history' | 'alerts'>,
  options: Omit<HubOptions, 'push' | 'history' | 'alerts' | 'onForgotten'>,
): LazyHubPart {
  const push: HubOptions['push'] = (metric, host) => {
    parts().gather.pass(metric, `${HUB}${host}`);
  };
  const alerts = () => parts().alerts?.alerts?.guests;
  const onForgotten = (name: string) => parts().alerts?.forgetHost(name);
  return new LazyHubPart({ ...options, push, alerts, onForgotten, history: () => parts().history?.access });
}

/** What the journal is to inputs that confirm what they take. */
function storageOf(parts: () => Pick<Parts, 'gather' | 'journal'>): Storage {
  return {
    get trouble() {
      const { isDegraded, isFull } = parts().journal.journal.status;
      if (isDegraded) return 'The journal cannot be written';
      return isFull ? 'The journal is full of lines that an output has not taken' : undefined;
    },
    get nextLine() {
      return parts().journal.journal.status.nextLine;
    },
    written: () => {
      parts().gather.commit();
      return parts().journal.journal.written();
    },
  };
}

function bufferLimit({ buffer, max_bytes: onDisk, memory_bytes: inMemory }: Config['journal']): number {
  return buffer === 'disk' ? onDisk : inMemory;
}

function agentEvents(
  { log: onLog = () => () => undefined }: AgentOptions,
  onAlertEvent: AgentEvents['onAlertEvent'],
  control: () => AlertControl | undefined,
): AgentEvents {
  return { onLog, onAlertEvent, alerts: () => control()?.alerts() ?? [] };
}

/** Undefined without a program for its thread. */
function historyPart(
  { historyProgram: program, version, logFor }: AgentOptions,
  options: Omit<HistoryOptions, 'program' | 'log' | 'version' | 'run'>,
): HistoryPart | undefined {
  const run = createProgramRunner(options.clock);
  return program && new HistoryPart({ ...options, program, version, run, log: logFor('history') });
}

function watchStrayErrors(
  config: () => Config,
  parts: readonly AgentPart[],
  onTooMany: AgentOptions['onTooManyErrors'],
  shared: { readonly clock: Clock; readonly log: Logger },
): StrayErrors {
  return new StrayErrors({
    ...shared,
    modules: () => entriesOf(config()).flatMap(({ file }) => file ?? []),
    stopModule: async (file) => (await Promise.all(parts.map((part) => part.stopModule(file)))).flat(),
    onTooMany: () => onTooMany?.(),
  });
}

/** Takes entries of the audit log. Undefined without such a log: then there are no alerts. */
function auditing({ writeAudit, redact = (text) => text }: AgentOptions, audit: Feed<AuditEntry>) {
  if (writeAudit === undefined) return undefined;
  return (entry: AuditEntry) => {
    const clean = entry.detail === undefined ? entry : { ...entry, detail: redactedRecord(entry.detail, redact) };
    writeAudit(clean);
    audit.publish(clean);
  };
}

function taking<Section>(part: Part<Section>, sectionOf: (config: Config) => Section): AgentPart {
  return {
    prepare: (config, signal) => part.prepare(sectionOf(config), signal),
    status: () => part.status(),
    stopModule: async (file) => (await part.stopModule?.(file)) ?? [],
    stop: (signal) => part.stop(signal),
  };
}
