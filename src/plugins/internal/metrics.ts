import type { MetricCatalog } from '../../plugin/index.ts';

const version = { version: 'Version of healthd' };

export const metrics = {
  internal_agent: {
    help: 'Totals over all inputs and outputs since the agent started',
    kind: 'counter',
    tags: version,
    fields: {
      metrics_gathered: { type: 'int', unit: 'metrics', help: 'Metrics gathered, after the filters of the inputs' },
      metrics_written: { type: 'int', unit: 'metrics', help: 'Metrics confirmed by a destination' },
      metrics_dropped: { type: 'int', unit: 'metrics', help: 'Metrics dropped because a buffer was full' },
      metrics_rejected: { type: 'int', unit: 'metrics', help: 'Metrics permanently rejected by a destination' },
      gather_errors: { type: 'int', unit: 'errors', help: 'Errors reported by inputs' },
      gather_timeouts: { type: 'int', unit: 'gathers', help: 'Gathers that missed their deadline' },
      write_errors: { type: 'int', unit: 'errors', help: 'Failed write attempts' },
      unhandled_errors: { type: 'int', unit: 'errors', help: 'Errors that no code handled' },
    },
  },
  internal_windows_reader: {
    help: 'The helper process on Windows; without it no series',
    tags: version,
    fields: {
      starts: { type: 'int', unit: 'processes', kind: 'counter', help: 'Starts of the process' },
      failures: { type: 'int', unit: 'failures', kind: 'counter', help: 'Times it failed, was late or wrong' },
      requests: { type: 'int', unit: 'requests', kind: 'counter', help: 'Questions asked' },
      memory_bytes: { type: 'int', unit: 'bytes', help: 'Its working set' },
      last_request_ms: { type: 'int', unit: 'ms', help: 'Time of the last answer' },
    },
  },
  internal_gather: {
    help: 'One series per input',
    kind: 'counter',
    tags: { ...version, input: 'Name of the plugin', alias: 'Alias of the entry' },
    fields: {
      metrics_gathered: { type: 'int', unit: 'metrics', help: 'Metrics gathered, after the filter' },
      gather_time_ns: { type: 'int', unit: 'ns', help: 'Duration of the last gather', kind: 'gauge' },
      gather_timeouts: { type: 'int', unit: 'gathers', help: 'Gathers that missed their deadline' },
      gather_errors: { type: 'int', unit: 'errors', help: 'Errors reported by the input' },
      gather_skipped: {
        type: 'int',
        unit: 'gathers',
        help: 'Gathers skipped because the previous one was still running',
      },
    },
  },
  internal_write: {
    help: 'One series per output',
    kind: 'counter',
    tags: { ...version, output: 'Name of the plugin', alias: 'Alias of the entry' },
    fields: {
      metrics_added: { type: 'int', unit: 'metrics', help: 'Metrics read from the buffer' },
      metrics_written: { type: 'int', unit: 'metrics', help: 'Metrics confirmed by the destination' },
      metrics_dropped: { type: 'int', unit: 'metrics', help: 'Metrics dropped because the buffer was full' },
      metrics_rejected: {
        type: 'int',
        unit: 'metrics',
        help: 'Metrics permanently rejected; kept in the dead-letter file',
      },
      metrics_filtered: { type: 'int', unit: 'metrics', help: 'Metrics excluded by the filter of the output' },
      buffer_size: { type: 'int', unit: 'metrics', help: 'Metrics waiting to be written', kind: 'gauge' },
      buffer_bytes: { type: 'int', unit: 'bytes', help: 'Bytes waiting to be written', kind: 'gauge' },
      buffer_limit: { type: 'int', unit: 'bytes', help: 'Maximum size of the buffer', kind: 'gauge' },
      write_time_ns: { type: 'int', unit: 'ns', help: 'Duration of the last write', kind: 'gauge' },
      write_errors: { type: 'int', unit: 'errors', help: 'Failed write attempts' },
    },
  },
  internal_history: {
    help: 'The embedded history',
    tags: version,
    fields: {
      unsealed_lines: {
        type: 'int',
        unit: 'lines',
        help: 'Lines that are in memory and in the journal only, until they are stored',
      },
    },
  },
  internal_journal: {
    help: 'The journal, which buffers lines until every output has sent them',
    tags: version,
    fields: {
      segments: { type: 'int', unit: 'files', help: 'Segment files' },
      disk_bytes: { type: 'int', unit: 'bytes', help: 'Size on disk' },
      memory_bytes: { type: 'int', unit: 'bytes', help: 'Not yet on disk' },
      degraded: { type: 'int', unit: '', help: '1 while writes to disk fail and lines are kept in memory' },
      write_errors: { type: 'int', unit: 'errors', help: 'Failed writes to disk', kind: 'counter' },
    },
  },
  internal_alerts: {
    help: 'Evaluation of alert rules',
    kind: 'counter',
    tags: version,
    fields: {
      firing: { type: 'int', unit: 'alerts', help: 'Firing alerts', kind: 'gauge' },
      pending: { type: 'int', unit: 'alerts', help: 'Pending alerts', kind: 'gauge' },
      refused: { type: 'int', unit: 'samples', help: 'Samples ignored because a rule matches too many series' },
      conflicts: { type: 'int', unit: 'samples', help: 'Samples of a second series that maps to the same alert' },
      ahead: {
        type: 'int',
        unit: 'samples',
        help: 'Samples whose times are more than ten minutes ahead, judged as of now',
      },
      failures: { type: 'int', unit: 'samples', help: 'Samples that a rule failed to evaluate' },
    },
  },
  internal_notify: {
    help: 'One series per receiver',
    kind: 'counter',
    tags: { ...version, receiver: 'Name of the notifier' },
    fields: {
      sent: { type: 'int', unit: 'notifications', help: 'Notifications accepted by the receiver' },
      failed: { type: 'int', unit: 'attempts', help: 'Failed attempts' },
      waiting: { type: 'int', unit: 'notifications', help: 'Changes of alerts that are due to be sent', kind: 'gauge' },
      oldest_ms: { type: 'int', unit: 'ms', help: 'Age of the oldest change that is due to be sent', kind: 'gauge' },
      latency_ms: {
        type: 'int',
        unit: 'ms',
        help: 'Time from creation to acceptance of the last notification',
        kind: 'gauge',
      },
      failing: {
        type: 'int',
        unit: '',
        help: '1 while the receiver accepts nothing or is misconfigured',
        kind: 'gauge',
      },
    },
  },
  internal_memstats: {
    help: 'Memory of the process',
    fields: {
      alloc_bytes: { type: 'int', unit: 'bytes', help: 'Memory used on and off the heap' },
      sys_bytes: { type: 'int', unit: 'bytes', help: 'Resident set size' },
      heap_alloc_bytes: { type: 'int', unit: 'bytes', help: 'Used JavaScript heap' },
      heap_sys_bytes: { type: 'int', unit: 'bytes', help: 'Size of the JavaScript heap' },
      heap_in_use_bytes: { type: 'int', unit: 'bytes', help: 'Used JavaScript heap' },
      heap_idle_bytes: { type: 'int', unit: 'bytes', help: 'Free JavaScript heap' },
    },
  },
} as const satisfies MetricCatalog;
