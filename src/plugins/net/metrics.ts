import type { MetricCatalog } from '../../plugin/index.ts';

export const metrics = {
  net: {
    kind: 'counter',
    tags: { interface: 'Name of the interface, or `all` for the counters of protocols' },
    fields: {
      bytes_sent: { type: 'int', unit: 'bytes', help: 'Bytes sent' },
      bytes_recv: { type: 'int', unit: 'bytes', help: 'Bytes received' },
      packets_sent: { type: 'int', unit: 'packets', help: 'Packets sent' },
      packets_recv: { type: 'int', unit: 'packets', help: 'Packets received' },
      err_in: { type: 'int', unit: 'packets', help: 'Packets received with an error' },
      err_out: { type: 'int', unit: 'packets', help: 'Packets that could not be sent' },
      drop_in: { type: 'int', unit: 'packets', help: 'Packets received and thrown away' },
      drop_out: { type: 'int', unit: 'packets', help: 'Packets thrown away before they were sent' },
      speed: { type: 'int', unit: 'Mbit/s', kind: 'gauge', help: 'Speed of the link; -1 when unknown' },
    },
    dynamic: {
      type: 'int',
      help: 'With protocol_counters: <protocol>_<counter> of the kernel, such as tcp_retranssegs',
    },
  },
} as const satisfies MetricCatalog;
