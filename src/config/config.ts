/** What a configuration is after it was read, substituted, checked and given its defaults. */
import type { NotifierEntry } from '../alerts/entry.ts';
import type { AlertSettings } from '../alerts/settings.ts';
import type { OutputEntry } from '../deliver/entry.ts';
import type { InputEntry, ProcessorEntry } from '../gather/entry.ts';
import type { JournalSettings } from '../journal/settings.ts';
import type { LogSettings } from '../logging/settings.ts';
import type { Tags } from '../metric/metric.ts';

/** All times are milliseconds. */
export interface AgentSettings {
  /** How often inputs are gathered. Default 10 s. */
  readonly interval: number;
  /** A random delay up to this is added to each tick. Default 0. */
  readonly jitter: number;
  /** A fixed shift of each tick after alignment. Default 0. */
  readonly offset: number;
  /** Value of the `host` tag; default: what the system says. */
  readonly hostname: string | undefined;
  /** No `host` tag at all. */
  readonly omit_hostname: boolean;
  /** Added to each metric that does not have the tag yet. */
  readonly tags: Tags;
  /** Longest time a metric waits before it is sent. Default 10 s. */
  readonly flush_interval: number;
  readonly flush_jitter: number;
  /** Most lines of one write. Default 5000. */
  readonly batch_lines: number;
  /** Most uncompressed bytes of one write. Default 4 MiB. */
  readonly batch_bytes: number;
  /** How long a stop may take until what is unsent is given up. Default 5 s. */
  readonly stop_timeout: number;
  /** Where the journal and the dead letters live. Default: /var/lib/healthd for root, else under the home folder. */
  readonly state_dir: string;
}

export interface Config {
  readonly agent: AgentSettings;
  readonly journal: JournalSettings;
  readonly log: LogSettings;
  readonly inputs: readonly InputEntry[];
  readonly processors: readonly ProcessorEntry[];
  readonly outputs: readonly OutputEntry[];
  readonly notifiers: readonly NotifierEntry[];
  readonly alerts: AlertSettings;
  /** The files it was read from, the main one first. Empty for the built-in default. */
  readonly files: readonly string[];
}
