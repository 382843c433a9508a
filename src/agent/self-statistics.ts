/** What the agent counts about itself, under the names that Telegraf's `internal` input made known. */
import type { SelfMetric, SelfStatistics } from '../plugin.ts';

/** Of one input. Times are nanoseconds. */
export interface GatherStatistics {
  metrics_gathered: number;
  gather_time_ns: number;
  gather_timeouts: number;
  gather_errors: number;
  /** Ticks that were left out because the gather before had not ended. */
  gather_skipped: number;
}

/** Of one output. Times are nanoseconds; sizes are lines. */
export interface WriteStatistics {
  metrics_added: number;
  metrics_written: number;
  /** Given up because the buffer was full. */
  metrics_dropped: number;
  /** Refused by the destination for good. */
  metrics_rejected: number;
  metrics_filtered: number;
  buffer_size: number;
  buffer_bytes: number;
  /** Bytes. */
  buffer_limit: number;
  write_time_ns: number;
  write_errors: number;
}

export interface Statistics extends SelfStatistics {
  input(plugin: string, alias: string): GatherStatistics;
  output(plugin: string, alias: string): WriteStatistics;
  /** Called before each snapshot of the output, so that gauges are fresh. */
  onSnapshot(refresh: () => void): void;
  removeInput(alias: string): void;
  removeOutput(alias: string): void;
}

interface Labelled<Counters> {
  readonly tags: Readonly<Record<string, string>>;
  readonly counters: Counters;
}

/** @param version healthd's own, a tag of each metric as in Telegraf */
export function createStatistics(version: string): Statistics {
  const inputs = new Map<string, Labelled<GatherStatistics>>();
  const outputs = new Map<string, Labelled<WriteStatistics>>();
  const refreshers: (() => void)[] = [];
  const removed = {
    metrics_gathered: 0,
    gather_timeouts: 0,
    gather_errors: 0,
    written: 0,
    dropped: 0,
    rejected: 0,
    errors: 0,
  };

  function total<Counters>(map: ReadonlyMap<string, Labelled<Counters>>, key: keyof Counters): number {
    return [...map.values()].reduce((sum, { counters }) => sum + Number(counters[key]), 0);
  }

  function agent(): SelfMetric {
    return {
      name: 'internal_agent',
      tags: { version },
      fields: {
        metrics_gathered: removed.metrics_gathered + total(inputs, 'metrics_gathered'),
        metrics_written: removed.written + total(outputs, 'metrics_written'),
        metrics_dropped: removed.dropped + total(outputs, 'metrics_dropped'),
        metrics_rejected: removed.rejected + total(outputs, 'metrics_rejected'),
        gather_errors: removed.gather_errors + total(inputs, 'gather_errors'),
        gather_timeouts: removed.gather_timeouts + total(inputs, 'gather_timeouts'),
        write_errors: removed.errors + total(outputs, 'write_errors'),
      },
    };
  }

  return {
    input: (plugin, alias) => entry(inputs, alias, { version, input: plugin, alias }, noGathers()),
    output: (plugin, alias) => entry(outputs, alias, { version, output: plugin, alias }, noWrites()),
    onSnapshot: (refresh) => refreshers.push(refresh),
    removeInput(alias) {
      const { counters } = inputs.get(alias) ?? { counters: noGathers() };
      removed.metrics_gathered += counters.metrics_gathered;
      removed.gather_timeouts += counters.gather_timeouts;
      removed.gather_errors += counters.gather_errors;
      inputs.delete(alias);
    },
    removeOutput(alias) {
      const { counters } = outputs.get(alias) ?? { counters: noWrites() };
      removed.written += counters.metrics_written;
      removed.dropped += counters.metrics_dropped;
      removed.rejected += counters.metrics_rejected;
      removed.errors += counters.write_errors;
      outputs.delete(alias);
    },
    snapshot() {
      for (const refresh of refreshers) refresh();
      const one = (name: string) => (item: Labelled<object>) => ({
        name,
        tags: item.tags,
        fields: { ...item.counters },
      });
      return [
        agent(),
        ...[...inputs.values()].map(one('internal_gather')),
        ...[...outputs.values()].map(one('internal_write')),
      ];
    },
  };
}

function entry<Counters>(
  map: Map<string, Labelled<Counters>>,
  alias: string,
  tags: Readonly<Record<string, string>>,
  counters: Counters,
): Counters {
  const kept = map.get(alias) ?? { tags, counters };
  map.set(alias, kept);
  return kept.counters;
}

function noGathers(): GatherStatistics {
  return { metrics_gathered: 0, gather_time_ns: 0, gather_timeouts: 0, gather_errors: 0, gather_skipped: 0 };
}

function noWrites(): WriteStatistics {
  return {
    metrics_added: 0,
    metrics_written: 0,
    metrics_dropped: 0,
    metrics_rejected: 0,
    metrics_filtered: 0,
    buffer_size: 0,
    buffer_bytes: 0,
    buffer_limit: 0,
    write_time_ns: 0,
    write_errors: 0,
  };
}
