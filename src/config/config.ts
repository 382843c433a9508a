/** A configuration after parsing, substitution, validation and defaults. */
import type { NotifierEntry } from '../alerts/entry.ts';
import type { AlertSettings } from '../alerts/settings.ts';
import type { OutputEntry } from '../deliver/entry.ts';
import type { InputEntry, ProcessorEntry } from '../gather/entry.ts';
import type { HistorySettings } from '../history/settings.ts';
import type { HubSettings } from '../hub/settings.ts';
import type { JournalSettings } from '../journal/settings.ts';
import type { LogSettings } from '../logging/settings.ts';
import type { ServerSettings } from '../server/settings.ts';
import type { Tags } from '../metric/metric.ts';

/** All times are milliseconds. */
export interface AgentSettings {
  /** How often inputs are gathered. Default 10 s. */
  readonly interval: number;
  /** A random delay up to this is added to each tick. Default 0. */
  readonly jitter: number;
  /** A fixed shift of each tick after alignment. Default 0. */
  readonly offset: number;
  /** Value of the `host` tag. Default: the system's hostname. */
  readonly hostname: string | undefined;
  /** Adds no `host` tag. */
  readonly omit_hostname: boolean;
  /** Added to every metric that does not have the tag. */
  readonly tags: Tags;
  /** Maximum time a metric waits before it is sent. Default 10 s. */
  readonly flush_interval: number;
  readonly flush_jitter: number;
  /** Maximum lines per write. Default 5000. */
  readonly batch_lines: number;
  /** Maximum uncompressed bytes per write. Default 4 MiB. */
  readonly batch_bytes: number;
  /** Deadline for flushing the outputs at shutdown. Default 5 s. */
  readonly stop_timeout: number;
  /** Directory of the journal and the dead letters. Default: /var/lib/healthd for root, else under the home directory. */
  readonly state_dir: string;
}

export interface Config {
  readonly agent: AgentSettings;
  readonly journal: JournalSettings;
  readonly server: ServerSettings | false;
  /** Undefined: this agent is no hub. */
  readonly hub: HubSettings | undefined;
  /** `false`: there is no embedded history. */
  readonly history: HistorySettings | false;
  readonly log: LogSettings;
  readonly inputs: readonly InputEntry[];
  readonly processors: readonly ProcessorEntry[];
  readonly outputs: readonly OutputEntry[];
  readonly notifiers: readonly NotifierEntry[];
  readonly alerts: AlertSettings;
  /** The files it was read from, the main file first. Empty for the built-in default. */
  readonly files: readonly string[];
  /** A fingerprint of each section of settings as written (`agent`, `journal`, `history`, …), for what a reload reports. */
  readonly fingerprints: Readonly<Record<string, string>>;
}
