/** The parts of an agent, wired together. */
import { AlertsPart } from '../alerts/part.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Part, PartStatus, Prepared } from '../core/part.ts';
import { DeliverPart } from '../deliver/part.ts';
import { GatherPart } from '../gather/part.ts';
import type { OpenContext } from '../host/context.ts';
import type { PluginEntry } from '../host/entry.ts';
import type { OpenHost } from '../host/machine.ts';
import type { Journal } from '../journal/journal.ts';
import { JournalPart } from '../journal/part.ts';
import type { AuditEntry, Plugin, SelfStatistics } from '../plugin/index.ts';

import { alertsSection, gatherSection, journalSection } from './sections.ts';

export interface PartsOptions {
  /** The first configuration. Where state is kept does not change after it. */
  readonly config: Config;
  readonly contextOf: (entry: PluginEntry<Plugin>) => OpenContext;
  readonly host: OpenHost;
  readonly self: SelfStatistics;
  readonly stopTimeout: () => number;
  /** Takes each entry of the audit log. Without it there are no alerts. */
  readonly onEntry: ((entry: AuditEntry) => void) | undefined;
  readonly journal: Journal | undefined;
  readonly once: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logFor: (name: string) => Logger;
}

/** A part that takes its section out of the whole configuration. */
export interface AgentPart {
  prepare(config: Config, signal: AbortSignal): Promise<Prepared>;
  status(): readonly PartStatus[];
  stop(signal: AbortSignal): Promise<void>;
}

export interface Parts {
  readonly journal: JournalPart;
  readonly deliver: DeliverPart;
  readonly alerts: AlertsPart | undefined;
  readonly gather: GatherPart;
  /** Downstream first: the order in which they are prepared and put to use. They stop in reverse. */
  readonly inOrder: readonly AgentPart[];
}

export function createParts(options: PartsOptions): Parts {
  const { config, host, self, onEntry, once, logFor, ...shared } = options;
  const log = logFor('agent');
  const journal = new JournalPart({ clock: shared.clock, log: logFor('journal'), journal: shared.journal });
  const { buffer, max_bytes, memory_bytes } = config.journal;
  const deliver = new DeliverPart({
    ...shared,
    log,
    journal: () => journal.journal,
    bufferLimit: buffer === 'disk' ? max_bytes : memory_bytes,
    stateDirectory: config.agent.state_dir,
  });
  const alerts =
    onEntry === undefined ? undefined : new AlertsPart({ ...shared, log: logFor('alerts'), host, self, onEntry });
  const gather = new GatherPart({
    ...shared,
    log,
    once,
    observe: (metric) => alerts?.observe(metric),
    append: (lines, size) => {
      journal.journal.append(lines, size);
      deliver.notify();
    },
  });
  const inOrder = [
    taking(journal, journalSection),
    taking(deliver, ({ outputs }) => outputs),
    ...(alerts === undefined ? [] : [taking(alerts, (next) => alertsSection(next, host))]),
    taking(gather, (next) => gatherSection(next, host)),
  ];
  return { journal, deliver, alerts, gather, inOrder };
}

function taking<Section>(part: Part<Section>, sectionOf: (config: Config) => Section): AgentPart {
  return {
    prepare: (config, signal) => part.prepare(sectionOf(config), signal),
    status: () => part.status(),
    stop: (signal) => part.stop(signal),
  };
}
