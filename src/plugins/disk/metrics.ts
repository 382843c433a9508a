import type { MetricCatalog } from '../../plugin/index.ts';

export const metrics = {
  disk: {
    tags: {
      path: 'Mount point',
      device: 'Block device without /dev/, or another source of the mount',
      fstype: 'Type of the file system',
      mode: 'rw or ro',
      label: 'Device-mapper name, or the label of the file system',
      pool: 'ZFS pool',
    },
    fields: {
      total: { type: 'int', unit: 'bytes', help: 'Size of the file system' },
      free: { type: 'int', unit: 'bytes', help: 'Free space for unprivileged users' },
      used: { type: 'int', unit: 'bytes', help: 'Used space, including file system metadata' },
      used_percent: { type: 'float', unit: 'percent', help: '100 · used / (used + free)' },
      inodes_total: { type: 'int', unit: 'inodes', help: 'Total inodes; 0 if there is no limit' },
      inodes_free: { type: 'int', unit: 'inodes', help: 'Free inodes' },
      inodes_used: { type: 'int', unit: 'inodes', help: 'Used inodes' },
      inodes_used_percent: { type: 'float', unit: 'percent', help: '100 · used / (used + free)' },
      read_only: {
        type: 'bool',
        help: 'Whether the file system is read-only, as after an error; a read-only mount of a writable one is not',
      },
    },
  },
} as const satisfies MetricCatalog;
