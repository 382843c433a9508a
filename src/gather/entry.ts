import type { PluginEntry } from '../host/entry.ts';
import type { Tags } from '../metric/metric.ts';
import type { InputPlugin, ProcessorPlugin } from '../plugin/index.ts';

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
