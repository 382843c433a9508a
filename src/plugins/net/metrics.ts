import type { MetricCatalog } from '../../plugin/index.ts';

export const metrics = {
  net: {
    kind: 'counter',
    tags: { interface: 'Name of the interface, or `all` for protocol counters' },
    fields: {
      bytes_sent: { type: 'int', unit: 'bytes', help: 'Bytes sent' },
      bytes_recv: { type: 'int', unit: 'bytes', help: 'Bytes received' },
      packets_sent: { type: 'int', unit: 'packets', help: 'Packets sent' },
      packets_recv: { type: 'int', unit: 'packets', help: 'Packets received' },
      err_in: { type: 'int', unit: 'packets', help: 'Packets received with an error' },
      err_out: { type: 'int', unit: 'packets', help: 'Packets that failed to send' },
      drop_in: { type: 'int', unit: 'packets', help: 'Packets dropped on receive' },
      drop_out: { type: 'int', unit: 'packets', help: 'Packets dropped on send' },
      speed: { type: 'int', unit: 'Mbit/s', kind: 'gauge', help: 'Link speed; -1 if unknown' },
    },
    dynamic: {
      type: 'int',
      help: 'With protocol_counters: <protocol>_<counter>, such as tcp_retranssegs',
    },
  },
} as const satisfies MetricCatalog;
