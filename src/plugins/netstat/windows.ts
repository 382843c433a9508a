import { noSockets, type SocketField } from './states.ts';

/** `TcpState` of .NET, by number: its names in the output of netstat.exe depend on the language. 12 is deleted. */
const STATES: Readonly<Record<string, SocketField>> = {
  1: 'tcp_close',
  2: 'tcp_listen',
  3: 'tcp_syn_sent',
  4: 'tcp_syn_recv',
  5: 'tcp_established',
  6: 'tcp_fin_wait1',
  7: 'tcp_fin_wait2',
  8: 'tcp_close_wait',
  9: 'tcp_closing',
  10: 'tcp_last_ack',
  11: 'tcp_time_wait',
  12: 'tcp_close',
};

/** @throws Error if the answer has not the counts */
export function countWindows([row]: readonly unknown[]) {
  const { tcp, listen, udp } = (row ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof tcp !== 'object' || tcp === null || typeof listen !== 'number' || typeof udp !== 'number') {
    throw new Error('Windows gave no counts of sockets');
  }
  const { tcp_none: _none, ...counts } = noSockets();
  for (const [state, count] of Object.entries(tcp)) {
    const field = STATES[state];
    if (field !== undefined && field !== 'tcp_none' && typeof count === 'number') counts[field] += count;
  }
  return { ...counts, tcp_listen: counts.tcp_listen + listen, udp_socket: udp };
}
