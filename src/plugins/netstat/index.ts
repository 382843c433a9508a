import { asksWindows, defineInput, isPortable, provider, z } from '../../plugin/index.ts';

import { countAllSockets } from './native.ts';
import { countPortable } from './portable.ts';
import { countWindows } from './windows.ts';

/** Sockets by state. Source: proc(5), the tables /proc/net/{tcp,tcp6,udp,udp6,unix}. */
export const netstat = defineInput({
  name: 'netstat',
  summary: 'TCP connections by state, and the number of UDP sockets',
  config: z.strictObject({ provider: provider() }),
  metrics: {
    netstat: {
      fields: {
        tcp_established: { type: 'int', unit: 'sockets', help: 'Established connections' },
        tcp_syn_sent: { type: 'int', unit: 'sockets', help: 'Connecting (active open)' },
        tcp_syn_recv: { type: 'int', unit: 'sockets', help: 'Connection request received (passive open)' },
        tcp_fin_wait1: { type: 'int', unit: 'sockets', help: 'Closed locally; FIN not acknowledged yet' },
        tcp_fin_wait2: { type: 'int', unit: 'sockets', help: 'Closed locally; waiting for the FIN of the peer' },
        tcp_time_wait: { type: 'int', unit: 'sockets', help: 'Closed; waiting for late packets' },
        tcp_close: { type: 'int', unit: 'sockets', help: 'Not connected' },
        tcp_close_wait: {
          type: 'int',
          unit: 'sockets',
          help: 'Closed by the peer; the local program has not closed yet',
        },
        tcp_last_ack: {
          type: 'int',
          unit: 'sockets',
          help: 'Closed by both sides; waiting for the last acknowledgement',
        },
        tcp_listen: { type: 'int', unit: 'sockets', help: 'Listening sockets' },
        tcp_closing: { type: 'int', unit: 'sockets', help: 'Closed by both sides at the same time' },
        tcp_none: { type: 'int', unit: 'sockets', help: 'UNIX sockets other than datagram sockets (Linux)' },
        udp_socket: { type: 'int', unit: 'sockets', help: 'UDP sockets; on Linux also UNIX datagram sockets' },
      },
    },
  },
  create({ provider }, { host, windows }) {
    if (asksWindows(provider, host.platform)) {
      return {
        gather: async (acc, signal) => {
          acc.add('netstat', countWindows(await windows.ask('netstat', {}, signal)));
        },
      };
    }
    const portable = isPortable(provider, host.platform);
    return {
      gather: async (acc, signal) => {
        const counts = portable ? await countPortable() : await countAllSockets(`${host.proc}/net`, signal);
        acc.add('netstat', { ...counts });
      },
    };
  },
});
