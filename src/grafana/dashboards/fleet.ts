import type { DashboardDefinition } from '../definition.ts';

import { HOST } from './host-variable.ts';
import { ALERTS_FIRING, CPU_BUSY, EXTERNAL_INTERFACES, FULLEST_DISK } from './lines.ts';
import { PERCENT, USAGE } from './scales.ts';

export const fleet: DashboardDefinition = {
  name: 'fleet',
  title: 'Fleet overview',
  description: 'All monitored hosts, one row each',
  variables: [HOST],
  sections: [
    {
      panels: [
        {
          type: 'table',
          title: 'Hosts',
          help: 'Newest values in the time range. Click a host to open its dashboard.',
          height: 12,
          keys: { host: 'Host' },
          linkTo: 'host',
          lastSeen: { title: 'Last seen', field: 'system.uptime' },
          columns: [
            { title: 'CPU', line: { ...CPU_BUSY }, ...USAGE, look: 'gauge' },
            { title: 'Memory', line: { field: 'mem.used_percent' }, ...USAGE, look: 'gauge' },
            { title: 'Fullest disk', line: FULLEST_DISK, ...USAGE, look: 'gauge' },
            { title: 'Load', line: { field: 'system.load1' } },
            { title: 'CPUs', line: { field: 'system.n_cpus' } },
            {
              title: 'Alerts',
              line: ALERTS_FIRING,
              unit: 'none',
              limits: [1, 3],
              look: 'background',
              noValue: '0',
            },
          ],
        },
        { type: 'trend', title: 'CPU', lines: [CPU_BUSY], ...PERCENT },
        { type: 'trend', title: 'Memory', lines: [{ field: 'mem.used_percent' }], ...PERCENT },
        { type: 'trend', title: 'Fullest disk', lines: [FULLEST_DISK], ...PERCENT },
        { type: 'trend', title: 'Load, 1 minute', lines: [{ field: 'system.load1' }], min: 0 },
        {
          type: 'trend',
          title: 'Network',
          help: 'Sum of all interfaces; sent is below zero',
          lines: [
            {
              field: 'net.bytes_recv',
              label: 'received',
              across: 'sum',
              where: EXTERNAL_INTERFACES,
            },
            {
              field: 'net.bytes_sent',
              label: 'sent',
              across: 'sum',
              where: EXTERNAL_INTERFACES,
              isBelow: true,
            },
          ],
        },
        {
          type: 'trend',
          title: 'Traffic of the busiest disk',
          // A sum would count traffic of a partition twice: there and on its disk.
          help: 'Written is below zero',
          lines: [
            { field: 'diskio.read_bytes', label: 'read', across: 'max' },
            { field: 'diskio.write_bytes', label: 'written', across: 'max', isBelow: true },
          ],
        },
      ],
    },
  ],
};
