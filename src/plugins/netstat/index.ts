import { defineInput, isPortable, provider, z } from '../../plugin/index.ts';

import { countAllSockets } from './native.ts';
import { countPortable } from './portable.ts';

/** Sockets by state. Source: proc(5), the tables /proc/net/{tcp,tcp6,udp,udp6,unix}. */
export const netstat = defineInput({
  name: 'netstat',
  summary: 'TCP connections by state, and the number of UDP sockets',
  config: z.strictObject({ provider: provider() }),
  metrics: {
    netstat: {
      fields: {
        tcp_established: { type: 'int', unit: 'sockets', help: 'Open connections' },
        tcp_syn_sent: { type: 'int', unit: 'sockets', help: 'Being opened from here' },
        tcp_syn_recv: { type: 'int', unit: 'sockets', help: 'Being opened from the other side' },
        tcp_fin_wait1: { type: 'int', unit: 'sockets', help: 'Closed here, not acknowledged yet' },
        tcp_fin_wait2: { type: 'int', unit: 'sockets', help: 'Closed here; the other side is still open' },
        tcp_time_wait: { type: 'int', unit: 'sockets', help: 'Closed; late packets are waited for' },
        tcp_close: { type: 'int', unit: 'sockets', help: 'Not connected' },
        tcp_close_wait: {
          type: 'int',
          unit: 'sockets',
          help: 'Closed by the other side; the program here must close too',
        },
        tcp_last_ack: { type: 'int', unit: 'sockets', help: 'Closed by both; the last acknowledgement is missing' },
        tcp_listen: { type: 'int', unit: 'sockets', help: 'Wait for connections' },
        tcp_closing: { type: 'int', unit: 'sockets', help: 'Closed by both at the same time' },
        tcp_none: { type: 'int', unit: 'sockets', help: 'UNIX sockets that are not datagram sockets (Linux)' },
        udp_socket: { type: 'int', unit: 'sockets', help: 'UDP sockets, and on Linux UNIX datagram sockets' },
      },
    },
  },
  create({ provider }, { host }) {
    const portable = isPortable(provider, host.platform);
    return {
      gather: async (acc, signal) => {
        const counts = portable ? await countPortable() : await countAllSockets(`${host.proc}/net`, signal);
        acc.add('netstat', { ...counts });
      },
    };
  },
});
