import type { DashboardDefinition } from '../definition.ts';

import { HOST } from './host-variable.ts';

/** Sums over the entries of one input. */
const EACH_INPUT = { by: ['host', 'input'], across: 'sum' } as const;
/** Three lines per input would be too many; the log says which input it was. */
const ALL_INPUTS = { across: 'sum' } as const;
const EACH_OUTPUT = { by: ['host', 'output'], across: 'sum' } as const;
const SLOWEST = { across: 'max' } as const;
const BY_RECEIVER = ['host', 'receiver'];

export const healthd: DashboardDefinition = {
  name: 'healthd',
  title: 'healthd itself',
  description: 'Health of the agents themselves; needs the input internal',
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
          title: 'Lost metrics',
          lines: [
            { field: 'internal_agent.metrics_dropped', label: 'dropped' },
            { field: 'internal_agent.metrics_rejected', label: 'rejected' },
          ],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Gather duration',
          lines: [{ field: 'internal_gather.gather_time_ns', ...EACH_INPUT, ...SLOWEST }],
        },
        {
          type: 'trend',
          title: 'Input errors',
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
          title: 'Buffered metrics',
          lines: [{ field: 'internal_write.buffer_size', ...EACH_OUTPUT, reduce: 'last' }],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Buffered bytes',
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
          title: 'Write duration',
          lines: [{ field: 'internal_write.write_time_ns', ...EACH_OUTPUT, ...SLOWEST }],
        },
        {
          type: 'trend',
          title: 'Output errors',
          lines: [
            { field: 'internal_write.write_errors', label: 'errors', ...EACH_OUTPUT },
            { field: 'internal_write.metrics_dropped', label: 'dropped', ...EACH_OUTPUT },
            { field: 'internal_write.metrics_rejected', label: 'rejected', ...EACH_OUTPUT },
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
          ],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Notifications waiting',
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
