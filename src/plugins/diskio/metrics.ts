import type { MetricCatalog } from '../../plugin/index.ts';

export const metrics = {
  diskio: {
    kind: 'counter',
    tags: {
      name: 'Kernel name of the device, or from name_templates',
      wwid: 'World-wide identifier, if the device has one',
      serial: 'Serial number, if skip_serial_number is false',
      '*': 'Properties of udev (device_tags)',
    },
    fields: {
      reads: { type: 'int', unit: 'operations', help: 'Reads completed' },
      writes: { type: 'int', unit: 'operations', help: 'Writes completed' },
      read_bytes: { type: 'int', unit: 'bytes', help: 'Bytes read' },
      write_bytes: { type: 'int', unit: 'bytes', help: 'Bytes written' },
      read_time: { type: 'int', unit: 'ms', help: 'Total time of all reads' },
      write_time: { type: 'int', unit: 'ms', help: 'Total time of all writes' },
      io_time: { type: 'int', unit: 'ms', help: 'Time with at least one operation in progress' },
      weighted_io_time: { type: 'int', unit: 'ms', help: 'io_time weighted by the number of operations in progress' },
      iops_in_progress: { type: 'int', unit: 'operations', kind: 'gauge', help: 'Operations in progress' },
      merged_reads: { type: 'int', unit: 'operations', help: 'Reads merged with adjacent ones' },
      merged_writes: { type: 'int', unit: 'operations', help: 'Writes merged with adjacent ones' },
      io_await: { type: 'float', unit: 'ms', kind: 'gauge', help: 'Mean time per operation, including queueing' },
      io_svctm: { type: 'float', unit: 'ms', kind: 'gauge', help: 'Mean device busy time per operation' },
      io_util: { type: 'float', unit: 'percent', kind: 'gauge', help: 'Share of time the device was busy' },
    },
  },
} as const satisfies MetricCatalog;
