import type { MetricCatalog } from '../../plugin/index.ts';

const version = { version: 'Version of healthd' };

export const metrics = {
  internal_agent: {
    help: 'Sums over all inputs and outputs since the start',
    kind: 'counter',
    tags: version,
    fields: {
      metrics_gathered: { type: 'int', unit: 'metrics', help: 'Taken in, after the filters of the inputs' },
      metrics_written: { type: 'int', unit: 'metrics', help: 'Confirmed by a destination' },
      metrics_dropped: { type: 'int', unit: 'metrics', help: 'Given up because a buffer was full' },
      metrics_rejected: { type: 'int', unit: 'metrics', help: 'Refused by a destination for good' },
      gather_errors: { type: 'int', unit: 'errors', help: 'Errors that inputs reported' },
      gather_timeouts: { type: 'int', unit: 'gathers', help: 'Gathers that passed their deadline' },
      write_errors: { type: 'int', unit: 'errors', help: 'Attempts to write that failed' },
    },
  },
  internal_gather: {
    help: 'One for each input',
    kind: 'counter',
    tags: { ...version, input: 'Name of the plugin', alias: 'Alias of the entry' },
    fields: {
      metrics_gathered: { type: 'int', unit: 'metrics', help: 'Taken in, after the filter' },
      gather_time_ns: { type: 'int', unit: 'ns', help: 'How long the last gather took', kind: 'gauge' },
      gather_timeouts: { type: 'int', unit: 'gathers', help: 'Gathers that passed their deadline' },
      gather_errors: { type: 'int', unit: 'errors', help: 'Errors that the input reported' },
      gather_skipped: { type: 'int', unit: 'gathers', help: 'Left out because the one before had not ended' },
    },
  },
  internal_write: {
    help: 'One for each output',
    kind: 'counter',
    tags: { ...version, output: 'Name of the plugin', alias: 'Alias of the entry' },
    fields: {
      metrics_added: { type: 'int', unit: 'metrics', help: 'Read from the buffer' },
      metrics_written: { type: 'int', unit: 'metrics', help: 'Confirmed by the destination' },
      metrics_dropped: { type: 'int', unit: 'metrics', help: 'Given up because the buffer was full' },
      metrics_rejected: { type: 'int', unit: 'metrics', help: 'Refused for good; they are in the dead-letter file' },
      metrics_filtered: { type: 'int', unit: 'metrics', help: 'Left out by the filter of the output' },
      buffer_size: { type: 'int', unit: 'metrics', help: 'Waiting to be written', kind: 'gauge' },
      buffer_bytes: { type: 'int', unit: 'bytes', help: 'Size of what is waiting', kind: 'gauge' },
      buffer_limit: { type: 'int', unit: 'bytes', help: 'Most that may wait', kind: 'gauge' },
      write_time_ns: { type: 'int', unit: 'ns', help: 'How long the last batch took', kind: 'gauge' },
      write_errors: { type: 'int', unit: 'errors', help: 'Attempts that failed' },
    },
  },
  internal_journal: {
    help: 'Where lines wait until every output has sent them',
    tags: version,
    fields: {
      segments: { type: 'int', unit: 'files', help: 'Segment files' },
      disk_bytes: { type: 'int', unit: 'bytes', help: 'On disk' },
      memory_bytes: { type: 'int', unit: 'bytes', help: 'Only in memory so far' },
      degraded: { type: 'int', unit: '', help: '1 while the disk cannot be written and memory takes its place' },
      write_errors: { type: 'int', unit: 'errors', help: 'Attempts to write to the disk that failed', kind: 'counter' },
    },
  },
  internal_alerts: {
    help: 'Rules and what they made of metrics',
    kind: 'counter',
    tags: version,
    fields: {
      firing: { type: 'int', unit: 'alerts', help: 'That fire', kind: 'gauge' },
      pending: { type: 'int', unit: 'alerts', help: 'That will fire if it goes on', kind: 'gauge' },
      refused: { type: 'int', unit: 'samples', help: 'Not judged, because a rule is about too many series' },
      conflicts: { type: 'int', unit: 'samples', help: 'Of a second series that means the same alert' },
      failures: { type: 'int', unit: 'samples', help: 'That a rule could not judge' },
    },
  },
  internal_notify: {
    help: 'One for each receiver of alerts',
    kind: 'counter',
    tags: { ...version, receiver: 'Its name under notifiers' },
    fields: {
      sent: { type: 'int', unit: 'notifications', help: 'Accepted by the receiver' },
      failed: { type: 'int', unit: 'attempts', help: 'Not accepted' },
      dropped: { type: 'int', unit: 'notifications', help: 'Given up: refused in every form, or too old' },
      waiting: { type: 'int', unit: 'notifications', help: 'In the outbox', kind: 'gauge' },
      oldest_ms: { type: 'int', unit: 'ms', help: 'Age of the oldest that waits', kind: 'gauge' },
      latency_ms: { type: 'int', unit: 'ms', help: 'From making the last one to its acceptance', kind: 'gauge' },
      failing: { type: 'int', unit: '', help: '1 while nothing is accepted, or the receiver is wrong', kind: 'gauge' },
    },
  },
  internal_memstats: {
    help: 'Memory of the process',
    fields: {
      alloc_bytes: { type: 'int', unit: 'bytes', help: 'Used on the heap and outside of it' },
      sys_bytes: { type: 'int', unit: 'bytes', help: 'Resident set size' },
      heap_alloc_bytes: { type: 'int', unit: 'bytes', help: 'Used on the JavaScript heap' },
      heap_sys_bytes: { type: 'int', unit: 'bytes', help: 'Size of the JavaScript heap' },
      heap_in_use_bytes: { type: 'int', unit: 'bytes', help: 'Used on the JavaScript heap' },
      heap_idle_bytes: { type: 'int', unit: 'bytes', help: 'Free on the JavaScript heap' },
    },
  },
} as const satisfies MetricCatalog;
