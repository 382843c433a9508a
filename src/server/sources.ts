/**
 * What the routes ask for. A source may be missing, since a part is off or has not started; its routes then answer 503. Each is
 * looked up for every request, because a reload may change it.
 */
import type { AlertControl } from '../alerts/control.ts';
import type { AgentAnswer, LogLine } from '../api/agent.ts';
import type { EventInfo, FindingsAnswer, HostInfo, InventoryAnswer } from '../api/host.ts';
import type { AgentIntake, HubControl } from '../hub/control.ts';
import type { LiveSource } from '../gather/live.ts';
import type { HistoryAccess } from '../history/access.ts';
import type { MetricCatalog } from '../metric/catalog.ts';

import type { AgentControl } from './control.ts';
import type { RuleBook } from './rule-book.ts';

/** What a source returns is never changed by a route. */
export type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

export interface Sources {
  /** Undefined: the history is off. */
  readonly history: () => HistoryAccess | undefined;
  readonly live: () => LiveSource | undefined;
  /** Undefined without alerts. */
  readonly alerts: () => AlertControl | undefined;
  readonly rules: () => RuleBook | undefined;
  /** Undefined where this agent is no hub. */
  readonly hub: () => HubControl | undefined;
  /** The same, for its agents. */
  readonly intake: () => AgentIntake | undefined;
  /** What was found last. Called once a second while somebody looks, so it must be cheap. */
  readonly findings: () => Frozen<FindingsAnswer> | undefined;
  /** At most ten seconds old. */
  readonly freshFindings: () => Promise<Frozen<FindingsAnswer>> | undefined;
  readonly host: () => Frozen<HostInfo> | undefined;
  /** Undefined where the agent is not a daemon of its own. */
  readonly control: () => AgentControl | undefined;
  /** Includes the state of the history, which is asked of its worker. */
  readonly agent: () => Promise<Frozen<AgentAnswer>> | undefined;
  /** Collected when it is first asked for, then kept. */
  readonly inventory: () => Promise<Frozen<InventoryAnswer>> | undefined;
  /** Value of the `host` tag that the agent adds to metrics; undefined if it adds none. */
  readonly hostTag: () => string | undefined;
  /** The user that the agent runs as, whose processes everybody may see; empty if it is not known. */
  readonly user: () => string;
  /** Calls back for each event when it happens. @returns ends it */
  readonly onEvent: ((listener: (event: EventInfo) => void) => () => void) | undefined;
  /** What the inputs of the configuration declare. */
  readonly catalog: () => MetricCatalog;
  /** Called when the server starts. */
  readonly start: () => void;
  /** The newest lines of the log, oldest first, without secrets. @param limit maximum number of lines */
  readonly log: (limit: number) => readonly LogLine[];
  /** The configuration as YAML, secrets redacted; undefined where the agent was not started from one. */
  readonly config: () => string | undefined;
}

/** Nothing there yet. */
export const NO_SOURCES: Sources = {
  history: () => undefined,
  live: () => undefined,
  alerts: () => undefined,
  rules: () => undefined,
  hub: () => undefined,
  intake: () => undefined,
  findings: () => undefined,
  freshFindings: () => undefined,
  host: () => undefined,
  control: () => undefined,
  agent: () => undefined,
  inventory: () => undefined,
  hostTag: () => undefined,
  user: () => '',
  onEvent: undefined,
  catalog: () => ({}),
  start: () => undefined,
  log: () => [],
  config: () => undefined,
};
