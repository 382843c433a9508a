import type { MetricCatalog } from '../../plugin/index.ts';

export const metrics = {
  disk: {
    tags: {
      path: 'Where it is mounted',
      device: 'Block device without /dev/, or what else was mounted',
      fstype: 'Type of the file system',
      mode: 'rw or ro',
      label: 'Device-mapper name, or the label of the file system',
    },
    fields: {
      total: { type: 'int', unit: 'bytes', help: 'Size of the file system' },
      free: { type: 'int', unit: 'bytes', help: 'What an ordinary user can still write' },
      used: { type: 'int', unit: 'bytes', help: 'Taken by files and by the file system itself' },
      used_percent: { type: 'float', unit: 'percent', help: '100 · used / (used + free)' },
      inodes_total: { type: 'int', unit: 'inodes', help: 'Files there can be; 0 where there is no such limit' },
      inodes_free: { type: 'int', unit: 'inodes', help: 'Files that can still be made' },
      inodes_used: { type: 'int', unit: 'inodes', help: 'Files there are' },
      inodes_used_percent: { type: 'float', unit: 'percent', help: '100 · used / (used + free)' },
    },
  },
} as const satisfies MetricCatalog;
