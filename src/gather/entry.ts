import { alias, interval, keyFilters, metricFilters, tags, timeout, type PluginEntry } from '../host/entry.ts';
import type { Tags } from '../metric/metric.ts';
import { duration, z, type InputPlugin, type ProcessorPlugin } from '../plugin/index.ts';

export interface InputEntry extends PluginEntry<InputPlugin> {
  /** Milliseconds, as `jitter`, `offset` and `timeout`. Default: the agent's setting. */
  readonly interval: number;
  readonly jitter: number;
  readonly offset: number;
  /** Deadline of one gather. Default: the interval. */
  readonly timeout: number;
  /** Added to this input's metrics. */
  readonly tags: Tags;
}

export type ProcessorEntry = PluginEntry<ProcessorPlugin>;

export const inputEntrySchema = z.strictObject({
  interval: interval().optional().describe('How often this input is gathered; default: agent.interval'),
  timeout: timeout().optional().describe('Deadline of one gather; default: the interval'),
  jitter: duration().optional().describe('Maximum random delay of each gather; default: agent.jitter'),
  offset: duration().optional().describe('Shift of each gather; default: agent.offset'),
  alias,
  tags: tags().default({}).describe('Added to the metrics of this input'),
  ...metricFilters,
  ...keyFilters,
});

export const processorEntrySchema = z.strictObject({ alias, ...metricFilters });
