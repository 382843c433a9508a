import type { PluginEntry } from '../host/entry.ts';
import type { OutputPlugin } from '../plugin/index.ts';

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
