/** What the agent counts about itself, under the names that Telegraf's `internal` input made known. */
import type { JournalStatus } from '../journal/journal.ts';
import type { SelfMetric, SelfStatistics, Tags } from '../plugin/index.ts';

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
  /** As of the last refresh. */
  journal: JournalStatus | undefined;
  /** Of alerts; their tags get the version. */
  alerts: () => readonly SelfMetric[];
  /** Called before each snapshot of the output, so that gauges are fresh. */
  onSnapshot(refresh: () => void): void;
  removeInput(alias: string): void;
  removeOutput(alias: string): void;
}

/** The counters of all inputs, or of all outputs, by alias; and the sums of those that a reload has removed. */
class CounterTable<Counters extends { readonly [Key in keyof Counters]: number }> {
  readonly #blank: () => Counters;
  readonly #entries = new Map<string, { readonly tags: Tags; readonly counters: Counters }>();
  readonly #removed: Record<string, number> = {};

  constructor(blank: () => Counters) {
    this.#blank = blank;
  }

  /** The same counters again for an alias that is there already. */
  entry(alias: string, tags: Tags): Counters {
    const counters = this.#entries.get(alias)?.counters ?? this.#blank();
    this.#entries.set(alias, { tags, counters });
    return counters;
  }

  remove(alias: string): void {
    const counters = this.#entries.get(alias)?.counters ?? {};
    for (const [key, value] of Object.entries(counters)) this.#removed[key] = (this.#removed[key] ?? 0) + Number(value);
    this.#entries.delete(alias);
  }

  total(key: keyof Counters & string): number {
    return [...this.#entries.values()].reduce((sum, { counters }) => sum + counters[key], this.#removed[key] ?? 0);
  }

  snapshot(name: string): readonly SelfMetric[] {
    return [...this.#entries.values()].map(({ tags, counters }) => ({ name, tags, fields: { ...counters } }));
  }
}

/** @param version healthd's own, a tag of each metric as in Telegraf */
export function createStatistics(version: string): Statistics {
  const inputs = new CounterTable(noGathers);
  const outputs = new CounterTable(noWrites);
  const refreshers: (() => void)[] = [];
  const agent = (): SelfMetric => ({
    name: 'internal_agent',
    tags: { version },
    fields: {
      metrics_gathered: inputs.total('metrics_gathered'),
      metrics_written: outputs.total('metrics_written'),
      metrics_dropped: outputs.total('metrics_dropped'),
      metrics_rejected: outputs.total('metrics_rejected'),
      gather_errors: inputs.total('gather_errors'),
      gather_timeouts: inputs.total('gather_timeouts'),
      write_errors: outputs.total('write_errors'),
    },
  });
  const statistics: Statistics = {
    journal: undefined,
    alerts: () => [],
    input: (plugin, alias) => inputs.entry(alias, { version, input: plugin, alias }),
    output: (plugin, alias) => outputs.entry(alias, { version, output: plugin, alias }),
    onSnapshot: (refresh) => refreshers.push(refresh),
    removeInput: (alias) => {
      inputs.remove(alias);
    },
    removeOutput: (alias) => {
      outputs.remove(alias);
    },
    snapshot() {
      for (const refresh of refreshers) refresh();
      return [
        agent(),
        ...inputs.snapshot('internal_gather'),
        ...outputs.snapshot('internal_write'),
        ...journalMetrics(statistics.journal, version),
        ...statistics.alerts().map((metric) => ({ ...metric, tags: { version, ...metric.tags } })),
      ];
    },
  };
  return statistics;
}

function journalMetrics(status: JournalStatus | undefined, version: string): readonly SelfMetric[] {
  if (status === undefined) return [];
  const { segments, diskBytes, memoryBytes, isDegraded, writeErrors } = status;
  const fields = {
    segments,
    disk_bytes: diskBytes,
    memory_bytes: memoryBytes,
    degraded: isDegraded ? 1 : 0,
    write_errors: writeErrors,
  };
  return [{ name: 'internal_journal', tags: { version }, fields }];
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
