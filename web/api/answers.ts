/** The answers of the API, as types only: the page trusts the agent that served it, so zod stays on the other side. */
export type { AgentAnswer, ConfigAnswer, LogAnswer, LogLine, SessionAnswer } from '../../src/api/agent.ts';
export type {
  AckBody,
  AlertHistoryAnswer,
  AlertsAnswer,
  AudienceAnswer,
  ListedAlertInfo,
  SilenceBody,
  SilencesAnswer,
} from '../../src/api/alerts.ts';
export type {
  EventInfo,
  EventsAnswer,
  Finding,
  FindingsAnswer,
  HostInfo,
  HostsAnswer,
  InventoryAnswer,
  ProcessesAnswer,
  ProcessInfo,
  Sentence,
} from '../../src/api/host.ts';
export type {
  DraftField,
  RuleBody,
  RuleDraft,
  RuleInfo,
  RulePreviewAnswer,
  RulesAnswer,
  RuleWritten,
} from '../../src/api/rules.ts';
export type {
  ChangesAnswer,
  FieldInfo,
  QueryAnswer,
  QueryFunction,
  SeriesAnswer,
  SeriesSetInfo,
  UsualAnswer,
} from '../../src/api/series.ts';
export type { LiveSample, LiveSeries } from '../../src/api/stream.ts';
export type {
  FleetAnswer,
  FleetEventsAnswer,
  FleetHost,
  FleetSite,
  TokenAnswer,
  TokenRequest,
  TokensAnswer,
} from '../../src/api/fleet.ts';
export type { FleetInventoryAnswer, HostInventoryAnswer } from '../../src/api/fleet-inventory.ts';
export type { FleetLinesAnswer } from '../../src/api/fleet-lines.ts';
export type { Said, WhyAnswer, WhyStep } from '../../src/api/why.ts';
export type { FirstData } from '../../src/api/first.ts';
