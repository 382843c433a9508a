import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { FindInput } from '../gather/live-inputs.ts';
import type { HostEnvironment } from '../host/machine.ts';
import type { Journal } from '../journal/journal.ts';
import type { AgentEvents, AuditEntry } from '../plugin/index.ts';
import type { AgentControl } from '../server/control.ts';

import type { RuleFile } from './rule-book/rule-file.ts';

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
  /** The agent's own log, for the input `agent_log`. */
  readonly log?: AgentEvents['onLog'];
  /** Called after too many unhandled errors of unknown origin. */
  readonly onTooManyErrors?: () => void;
  /** The configuration in use as YAML, secrets redacted, for the page. */
  readonly configText?: () => string;
  /** The program of the history's thread. Without it there is no history. */
  readonly historyProgram?: URL;
  /** Inputs have no schedule; only `gatherOnce` gathers. Default false. */
  readonly once?: boolean;
  /** Finds a built-in input, for the live view. Default: only configured inputs are seen live. */
  readonly findInput?: FindInput;
  /** Answers commands on a socket in the state directory, and serves the page as `server` says. Default false. */
  readonly serve?: boolean;
  /** What commands may do with the process. Default: nothing. */
  readonly control?: AgentControl;
  /** Writes rules into the configuration, for the page. Without it the page shows rules only. */
  readonly ruleFile?: RuleFile;
}
