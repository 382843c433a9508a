/** What a configuration is after it was read, substituted, checked and given its defaults. */
import type { AlertSettings } from '../alerts/settings.ts';
import type { FilterSpec } from '../core/filter.ts';
import type { Tags } from '../core/metric.ts';
import type { AlertLevel } from '../core/notification.ts';
import type { InputPlugin, NotifierPlugin, OutputPlugin, Plugin, ProcessorPlugin } from '../plugin.ts';

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

/** Where lines wait until every output has sent them. Sizes are bytes, times milliseconds. */
export interface JournalSettings {
  /** `disk` survives the process; `memory` is gone with it. Default disk. */
  readonly buffer: 'disk' | 'memory';
  /** When what was written is forced to the disk: with each group of lines, once a second, when the system likes. */
  readonly sync: 'always' | 'interval' | 'none';
  /** Most on disk, compressed. Default 1 GiB. */
  readonly max_bytes: number;
  /** What is older is given up, sent or not. Default 7 d. */
  readonly max_age: number;
  /** What every output has sent is kept for this long all the same, for `journal replay`. Default 0. */
  readonly keep: number;
  /** Most in memory, compressed: without a disk, or while it cannot be written. Default 64 MiB. */
  readonly memory_bytes: number;
}

export interface LogSettings {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly format: 'text' | 'json';
  /** Also write to this file, rotated. */
  readonly file:
    { readonly path: string; readonly max_size: number; readonly keep: number; readonly gzip: boolean } | undefined;
}

/** One entry under `inputs`, `processors`, `outputs` or `notifiers`. */
export interface PluginEntry<P extends Plugin> {
  readonly plugin: P;
  /** Unique within its kind. */
  readonly alias: string;
  /** What the plugin's schema made of its options. */
  readonly options: unknown;
  /** Equal for two entries exactly if nothing that concerns this entry differs. For reload. */
  readonly fingerprint: string;
  /** `only`, `drop`, `fields`, `tag_keys`. */
  readonly filter: FilterSpec;
}

export interface InputEntry extends PluginEntry<InputPlugin> {
  /** Milliseconds. The agent's settings where the entry has none. */
  readonly interval: number;
  readonly jitter: number;
  readonly offset: number;
  /** Deadline of one gather. Default: the interval. */
  readonly timeout: number;
  /** Added to this input's metrics. */
  readonly tags: Tags;
}

export type ProcessorEntry = PluginEntry<ProcessorPlugin>;

export interface OutputEntry extends PluginEntry<OutputPlugin> {
  readonly flush_interval: number;
  readonly flush_jitter: number;
  readonly batch_lines: number;
  readonly batch_bytes: number;
  /** Deadline of one write. Default 30 s. */
  readonly timeout: number;
  /** Where an output begins that the journal does not know yet. Default end. */
  readonly from: 'end' | 'beginning';
  /** After an outage: everything in its order, or new lines first and the backlog beside them. Default oldest_first. */
  readonly catch_up: 'oldest_first' | 'newest_first';
  /** Most compressed bytes a second while catching up. Default 8 MiB. */
  readonly catch_up_rate: number;
}

/** `alias` is its key under `notifiers`. */
export interface NotifierEntry extends PluginEntry<NotifierPlugin> {
  /** Alerts that never reach it are not told here. Default info. */
  readonly min_level: AlertLevel;
  /** Default true. */
  readonly send_resolved: boolean;
  /** Deadline of one attempt. Default 10 s. */
  readonly timeout: number;
  /** Most messages a second; undefined: as the notifier says. */
  readonly rate: number | undefined;
  /** How long a message is worth delivering. Default 24 h. */
  readonly ttl: number;
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
