/** What a configuration is after it was read, substituted, checked and given its defaults. */
import type { FilterSpec } from '../core/filter.ts';
import type { Tags } from '../core/metric.ts';
import type { InputPlugin, OutputPlugin, Plugin, ProcessorPlugin } from '../plugin.ts';

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
  /** Most bytes of unsent lines that are kept in memory. Default 64 MiB. */
  readonly buffer_bytes: number;
  /** How long a stop may take until what is unsent is given up. Default 5 s. */
  readonly stop_timeout: number;
  /** Where the dead letters (and later the journal) live. Default: /var/lib/healthd for root, else under the home folder. */
  readonly state_dir: string;
}

export interface LogSettings {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly format: 'text' | 'json';
  /** Also write to this file, rotated. */
  readonly file: { readonly path: string; readonly max_size: number; readonly keep: number } | undefined;
}

/** One entry under `inputs`, `processors` or `outputs`. */
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
}

export interface Config {
  readonly agent: AgentSettings;
  readonly log: LogSettings;
  readonly inputs: readonly InputEntry[];
  readonly processors: readonly ProcessorEntry[];
  readonly outputs: readonly OutputEntry[];
  /** The files it was read from, the main one first. Empty for the built-in default. */
  readonly files: readonly string[];
}
