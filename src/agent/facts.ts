/** What the agent says about its host and itself, wired to the parts that know it. */
import type { InventoryReport } from '../api/inventory-report.ts';
import type { AlertsPart } from '../alerts/part.ts';
import type { Config } from '../config/config.ts';
import { systemClock } from '../core/clock.ts';
import type { DeliverPart } from '../deliver/part.ts';
import { createChecks } from '../findings/checks.ts';
import { pendingReboot } from '../findings/checks/reboot.ts';
import { Findings } from '../findings/findings.ts';
import type { Newest } from '../findings/newest.ts';
import type { GatherPart } from '../gather/part.ts';
import { createProgramRunner } from '../host/run-program.ts';
import type { HistoryAccess } from '../history/access.ts';
import type { LazyHubPart } from '../hub/lazy-part.ts';
import type { JournalPart } from '../journal/part.ts';
import type { Host } from '../plugin/index.ts';
import { NO_SOURCES, type Sources } from '../server/sources.ts';
import { StatusPart } from '../status/part.ts';

import { inventoryReport } from './inventory-report.ts';
import type { AgentOptions } from './options.ts';
import { Rules } from './rule-book/rules.ts';
import { globalTags } from './sections.ts';
import { createOwnSources } from './sources.ts';

interface Knowing {
  readonly history: { readonly access: HistoryAccess | undefined } | undefined;
  readonly journal: JournalPart;
  readonly deliver: DeliverPart;
  readonly alerts: AlertsPart | undefined;
  readonly hub: LazyHubPart;
  readonly gather: GatherPart;
  readonly server: { readonly trouble: string | undefined };
  readonly status: StatusPart;
}

export interface FactsOptions {
  readonly options: AgentOptions;
  readonly host: Host;
  readonly newest: Newest;
  readonly config: () => Config;
  readonly parts: () => Knowing;
}

export function createStatusPart({ options, host, config, parts }: FactsOptions): StatusPart {
  return new StatusPart({
    host,
    version: options.version,
    clock: options.clock ?? systemClock,
    log: options.logFor('status'),
    sources: {
      configFiles: () => config().files,
      inputs: () => parts().gather.inputs(),
      outputs: () => parts().deliver.outputs(),
      journal: () => parts().journal.journal.status,
      letterCounts: () => parts().deliver.letterCounts(),
      receivers: () => parts().alerts?.alerts?.receivers() ?? [],
      history: () => parts().history?.access,
      portTrouble: () => parts().server.trouble,
    },
  });
}

/** What the routes of the server ask for. */
export function createSources(facts: FactsOptions): Sources {
  const { config, parts } = facts;
  const findings = createFindings(facts);
  const rules = new Rules({
    file: facts.options.ruleFile,
    config,
    alerts: () => parts().alerts?.alerts,
    history: () => parts().history?.access,
    host: () => globalTags(config(), facts.host)['host'],
    clock: facts.options.clock ?? systemClock,
  });
  return {
    ...NO_SOURCES,
    ...createOwnSources(facts.options, facts.host, config),
    findings: () => findings.latest(),
    freshFindings: () => findings.answer(),
    history: () => parts().history?.access,
    live: () => parts().gather.live,
    alerts: () => parts().alerts?.alerts,
    rules: () => rules,
    hub: () => parts().hub.control,
    intake: () => parts().hub.intake,
    host: () => parts().status.hostInfo(),
    agent: () => parts().status.agent(),
    inventory: () => parts().status.inventory(),
  };
}

/** For a hub; undefined before the start. */
export async function inventoryOf(host: Host, status: StatusPart): Promise<InventoryReport | undefined> {
  const [info, agent] = [status.hostInfo(), await status.agent()];
  if (info === undefined || agent === undefined) return undefined;
  const isRebootPending = await pendingReboot(host).then(
    (found) => found && found.length > 0,
    // A folder that cannot be read says nothing.
    () => undefined,
  );
  return inventoryReport({ host: info, agent, inventory: await status.keptInventory(), isRebootPending });
}

function createFindings({ options, host, newest, config, parts }: FactsOptions): Findings {
  const clock = options.clock ?? systemClock;
  const checks = createChecks({
    alerts: () => parts().alerts?.alerts,
    inputs: () => parts().gather.inputs(),
    outputs: () => parts().deliver.outputs(),
    journal: () => parts().journal.journal.status,
    journalBytes: () => (config().journal.buffer === 'disk' ? config().journal.max_bytes : undefined),
    letterCounts: () => parts().deliver.letterCounts(),
    history: () => parts().history?.access,
    bootedAt: () => parts().status.hostInfo()?.bootedAt,
    newest,
    host,
    run: createProgramRunner(clock),
    clock,
  });
  return new Findings({ checks, clock, log: options.logFor('findings') });
}
