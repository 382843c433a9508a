import type { MetricCatalog } from '../../plugin/index.ts';

export const metrics = {
  diskio: {
    kind: 'counter',
    tags: {
      name: 'Device as the kernel names it, or made from name_templates',
      wwid: 'World-wide identifier, where the device has one',
      serial: 'Serial number, if skip_serial_number is false',
    },
    fields: {
      reads: { type: 'int', unit: 'operations', help: 'Reads completed' },
      writes: { type: 'int', unit: 'operations', help: 'Writes completed' },
      read_bytes: { type: 'int', unit: 'bytes', help: 'Bytes read' },
      write_bytes: { type: 'int', unit: 'bytes', help: 'Bytes written' },
      read_time: { type: 'int', unit: 'ms', help: 'Time that reads took, each counted' },
      write_time: { type: 'int', unit: 'ms', help: 'Time that writes took, each counted' },
      io_time: { type: 'int', unit: 'ms', help: 'Time with at least one operation in progress' },
      weighted_io_time: { type: 'int', unit: 'ms', help: 'The same, times the number of operations in progress' },
      iops_in_progress: { type: 'int', unit: 'operations', kind: 'gauge', help: 'Operations in progress now' },
      merged_reads: { type: 'int', unit: 'operations', help: 'Reads joined with a neighbour' },
      merged_writes: { type: 'int', unit: 'operations', help: 'Writes joined with a neighbour' },
      io_await: { type: 'float', unit: 'ms', kind: 'gauge', help: 'Mean time of an operation, queue included' },
      io_svctm: { type: 'float', unit: 'ms', kind: 'gauge', help: 'Mean time that the device was busy per operation' },
      io_util: { type: 'float', unit: 'percent', kind: 'gauge', help: 'Share of time the device was busy' },
    },
  },
} as const satisfies MetricCatalog;
