import { noSockets, type SocketField } from './states.ts';

/** State names of ss(8), macOS and Windows → fields. All others are `tcp_` and the lower-case name. */
const OTHER_SPELLINGS: Readonly<Record<string, SocketField>> = {
  estab: 'tcp_established',
  syn_received: 'tcp_syn_recv',
  syn_rcvd: 'tcp_syn_recv',
  fin_wait_1: 'tcp_fin_wait1',
  fin_wait_2: 'tcp_fin_wait2',
  closed: 'tcp_close',
  unconn: 'tcp_close',
  listening: 'tcp_listen',
};

/** TCP and UDP sockets as listed by the system's own tool; no UNIX sockets. */
export async function countPortable() {
  const { default: si } = await import('systeminformation');
  const counts = noSockets();
  for (const { protocol, state } of await si.networkConnections()) {
    const field = protocol.toLowerCase().startsWith('udp') ? 'udp_socket' : fieldOf(state);
    if (field in counts) counts[field as SocketField] += 1;
  }
  const { tcp_none: _none, ...known } = counts;
  return known;
}

export function fieldOf(state: string): string {
  const name = state.trim().toLowerCase().replaceAll('-', '_');
  return OTHER_SPELLINGS[name] ?? `tcp_${name}`;
}
