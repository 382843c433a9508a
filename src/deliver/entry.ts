import { alias, interval, keyFilters, metricFilters, size, timeout, type PluginEntry } from '../host/entry.ts';
import { duration, z, type OutputPlugin } from '../plugin/index.ts';

export interface OutputEntry extends PluginEntry<OutputPlugin> {
  readonly flush_interval: number;
  readonly flush_jitter: number;
  readonly batch_lines: number;
  readonly batch_bytes: number;
  /** Deadline of one write. Default 30 s. */
  readonly timeout: number;
  /** Where an output without a cursor starts in the journal. Default end. */
  readonly from: 'end' | 'beginning';
  /** After an outage: all lines in order, or new lines first and the backlog in parallel. Default oldest_first. */
  readonly catch_up: 'oldest_first' | 'newest_first';
  /** Maximum compressed bytes per second while catching up. Default 8 MiB. */
  readonly catch_up_rate: number;
}

export const outputEntrySchema = z.strictObject({
  alias,
  ...metricFilters,
  ...keyFilters,
  flush_interval: interval()
    .optional()
    .describe('Maximum time a metric waits before it is sent; default: agent.flush_interval'),
  flush_jitter: duration().optional().describe('Maximum random delay of each flush; default: agent.flush_jitter'),
  batch_lines: z.number().int().min(1).optional().describe('Maximum lines per write; default: agent.batch_lines'),
  batch_bytes: size().optional().describe('Maximum bytes per write; default: agent.batch_bytes'),
  timeout: timeout().prefault('30s').describe('Deadline of one write'),
  from: z
    .enum(['end', 'beginning'])
    .default('end')
    .describe('Where a new output starts in the journal: end (new lines only) or beginning (all lines it holds)'),
  catch_up: z
    .enum(['oldest_first', 'newest_first'])
    .default('oldest_first')
    .describe(
      'After an outage: oldest_first keeps the order, newest_first sends new lines first and the backlog in parallel',
    ),
  catch_up_rate: size().prefault('8MiB').describe('Maximum compressed bytes per second while a backlog is sent'),
});
