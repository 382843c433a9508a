import type { DashboardDefinition } from '../definition.ts';

import { HOST } from './host-variable.ts';
import { PERCENT, USAGE } from './scales.ts';

const BY_CONTAINER = ['host', 'container_name'];
/** Totals are reported unless `total_include` excludes them. */
const TOTAL_CPU = [{ tag: 'cpu', is: 'cpu-total' }] as const;
const TOTAL_NETWORK = [{ tag: 'network', is: 'total' }] as const;
const TOTAL_DEVICE = [{ tag: 'device', is: 'total' }] as const;

export const docker: DashboardDefinition = {
  name: 'docker',
  title: 'Docker',
  description: 'Docker daemons and their containers',
  variables: [
    HOST,
    {
      name: 'container',
      label: 'Container',
      tag: 'container_name',
      from: 'docker_container_status.uptime_ns',
    },
  ],
  sections: [
    {
      panels: [
        {
          type: 'tile',
          title: 'Running',
          line: { field: 'docker.n_containers_running', reduce: 'last' },
        },
        {
          type: 'tile',
          title: 'Stopped',
          line: { field: 'docker.n_containers_stopped', reduce: 'last' },
        },
        { type: 'tile', title: 'Paused', line: { field: 'docker.n_containers_paused', reduce: 'last' } },
        { type: 'tile', title: 'Images', line: { field: 'docker.n_images', reduce: 'last' } },
        { type: 'tile', title: 'Goroutines', line: { field: 'docker.n_goroutines', reduce: 'last' } },
        {
          type: 'tile',
          title: 'File descriptors',
          line: { field: 'docker.n_used_file_descriptors', reduce: 'last' },
        },
        {
          type: 'table',
          title: 'Containers',
          help: 'Newest values in the time range',
          keys: { host: 'Host', container_name: 'Container' },
          linkTo: 'host',
          columns: [
            {
              title: 'CPU',
              line: { field: 'docker_container_cpu.usage_percent', where: TOTAL_CPU },
              min: 0,
              limits: [80, 100],
            },
            { title: 'Memory', line: { field: 'docker_container_mem.usage' } },
            {
              title: 'Memory of limit',
              line: { field: 'docker_container_mem.usage_percent' },
              ...USAGE,
              look: 'gauge',
            },
            { title: 'Uptime', line: { field: 'docker_container_status.uptime_ns' } },
            {
              title: 'Restarts',
              line: { field: 'docker_container_status.restart_count' },
              limits: [1, 5],
            },
          ],
        },
      ],
    },
    {
      title: 'Containers over time',
      panels: [
        {
          type: 'trend',
          title: 'CPU',
          lines: [{ field: 'docker_container_cpu.usage_percent', by: BY_CONTAINER, where: TOTAL_CPU }],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Memory',
          lines: [{ field: 'docker_container_mem.usage', by: BY_CONTAINER }],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Memory of limit',
          lines: [{ field: 'docker_container_mem.usage_percent', by: BY_CONTAINER }],
          ...PERCENT,
        },
        {
          type: 'trend',
          title: 'Throttled by the CPU limit',
          lines: [
            {
              field: 'docker_container_cpu.throttling_throttled_periods',
              by: BY_CONTAINER,
              where: TOTAL_CPU,
            },
          ],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Network',
          lines: [
            { field: 'docker_container_net.rx_bytes', label: 'received', by: BY_CONTAINER, where: TOTAL_NETWORK },
            {
              field: 'docker_container_net.tx_bytes',
              label: 'sent',
              by: BY_CONTAINER,
              where: TOTAL_NETWORK,
              isBelow: true,
            },
          ],
        },
        {
          type: 'trend',
          title: 'Disk traffic',
          lines: [
            {
              field: 'docker_container_blkio.io_service_bytes_recursive_read',
              label: 'read',
              by: BY_CONTAINER,
              where: TOTAL_DEVICE,
            },
            {
              field: 'docker_container_blkio.io_service_bytes_recursive_write',
              label: 'written',
              by: BY_CONTAINER,
              where: TOTAL_DEVICE,
              isBelow: true,
            },
          ],
        },
        {
          type: 'trend',
          title: 'Consecutive failed health checks',
          lines: [{ field: 'docker_container_health.failing_streak', by: BY_CONTAINER, reduce: 'max' }],
          min: 0,
        },
        {
          type: 'trend',
          title: 'Restarts',
          lines: [{ field: 'docker_container_status.restart_count', by: BY_CONTAINER, reduce: 'max' }],
          unit: 'short',
          min: 0,
        },
      ],
    },
  ],
};
