import type { DashboardDefinition } from '../definition.ts';

import { HOST } from './parts.ts';

/** An input or output may have several entries. */
const EACH_INPUT = { by: ['host', 'input'], across: 'sum' } as const;
/** Three lines for each of some twenty inputs would be too many; which one it is stands in the log. */
const ALL_INPUTS = { across: 'sum' } as const;
const EACH_OUTPUT = { by: ['host', 'output'], across: 'sum' } as const;
const SLOWEST = { across: 'max' } as const;
const BY_RECEIVER = ['host', 'receiver'];

export const healthd: DashboardDefinition = {
  name: 'healthd',
  title: 'healthd itself',
  description: 'How the agents are: needs the input internal',
  variables: [HOST],
  sections: [
    {
      title: 'Metrics',
      panels: [
        {
          type: 'trend',
          title: 'Metrics',
          lines: [
            { field: 'internal_agent.metrics_gathered', label: 'gathered' },
            { field: 'internal_agent.metrics_written', label: 'written' },
          ],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Given up',
          lines: [
            { field: 'internal_agent.metrics_dropped', label: 'dropped' },
            { field: 'internal_agent.metrics_rejected', label: 'refused' },
          ],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Time of a gather',
          lines: [{ field: 'internal_gather.gather_time_ns', ...EACH_INPUT, ...SLOWEST }],
        },
        {
          type: 'trend',
          title: 'Troubles of inputs',
          lines: [
            { field: 'internal_gather.gather_errors', label: 'errors', ...ALL_INPUTS },
            { field: 'internal_gather.gather_timeouts', label: 'timeouts', ...ALL_INPUTS },
            { field: 'internal_gather.gather_skipped', label: 'skipped', ...ALL_INPUTS },
          ],
          min: 0,
        },
      ],
    },
    {
      title: 'Outputs',
      panels: [
        {
          type: 'trend',
          title: 'Waiting to be written',
          lines: [{ field: 'internal_write.buffer_size', ...EACH_OUTPUT, reduce: 'last' }],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Size of what waits',
          lines: [{ field: 'internal_write.buffer_bytes', ...EACH_OUTPUT, reduce: 'last' }],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Written',
          lines: [{ field: 'internal_write.metrics_written', ...EACH_OUTPUT }],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Time of a batch',
          lines: [{ field: 'internal_write.write_time_ns', ...EACH_OUTPUT, ...SLOWEST }],
        },
        {
          type: 'trend',
          title: 'Troubles of outputs',
          lines: [
            { field: 'internal_write.write_errors', label: 'errors', ...EACH_OUTPUT },
            { field: 'internal_write.metrics_dropped', label: 'dropped', ...EACH_OUTPUT },
            { field: 'internal_write.metrics_rejected', label: 'refused', ...EACH_OUTPUT },
          ],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Journal',
          lines: [
            { field: 'internal_journal.disk_bytes', label: 'on disk' },
            { field: 'internal_journal.memory_bytes', label: 'in memory' },
          ],
          min: 0,
        },
      ],
    },
    {
      title: 'Alerts and notifications',
      panels: [
        {
          type: 'trend',
          title: 'Alerts',
          lines: [
            { field: 'internal_alerts.firing', label: 'firing', reduce: 'last' },
            { field: 'internal_alerts.pending', label: 'pending', reduce: 'last' },
          ],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Notifications',
          lines: [
            { field: 'internal_notify.sent', label: 'sent', by: BY_RECEIVER },
            { field: 'internal_notify.failed', label: 'failed', by: BY_RECEIVER },
            { field: 'internal_notify.dropped', label: 'given up', by: BY_RECEIVER },
          ],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Waiting in the outbox',
          lines: [{ field: 'internal_notify.waiting', by: BY_RECEIVER, reduce: 'last' }],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Age of the oldest notification',
          lines: [{ field: 'internal_notify.oldest_ms', by: BY_RECEIVER, reduce: 'last' }],
          min: 0,
        },
      ],
    },
    {
      title: 'Process',
      panels: [
        {
          type: 'trend',
          title: 'Memory',
          lines: [
            { field: 'internal_memstats.sys_bytes', label: 'resident' },
            { field: 'internal_memstats.heap_sys_bytes', label: 'heap' },
            { field: 'internal_memstats.heap_in_use_bytes', label: 'heap in use' },
          ],
          width: 24,
          min: 0,
        },
        {
          type: 'rows',
          title: 'Log',
          height: 14,
          query: {
            measurement: 'healthd_log',
            tags: ['host', 'level', 'source'],
            fields: ['message'],
            where: [],
            points: { all: 500 },
          },
        },
      ],
    },
  ],
};
