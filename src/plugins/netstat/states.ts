/** The fields of the measurement, in Telegraf's spelling. */
export type SocketField =
  | 'tcp_established'
  | 'tcp_syn_sent'
  | 'tcp_syn_recv'
  | 'tcp_fin_wait1'
  | 'tcp_fin_wait2'
  | 'tcp_time_wait'
  | 'tcp_close'
  | 'tcp_close_wait'
  | 'tcp_last_ack'
  | 'tcp_listen'
  | 'tcp_closing'
  | 'tcp_none'
  | 'udp_socket';

export type SocketCounts = Record<SocketField, number>;

/** Fields by the kernel's state number (include/net/tcp_states.h). 12 is NEW_SYN_RECV. */
export const TCP_STATES: Readonly<Partial<Record<number, SocketField>>> = {
  1: 'tcp_established',
  2: 'tcp_syn_sent',
  3: 'tcp_syn_recv',
  4: 'tcp_fin_wait1',
  5: 'tcp_fin_wait2',
  6: 'tcp_time_wait',
  7: 'tcp_close',
  8: 'tcp_close_wait',
  9: 'tcp_last_ack',
  10: 'tcp_listen',
  11: 'tcp_closing',
  12: 'tcp_syn_recv',
};

export function noSockets(): SocketCounts {
  return {
    tcp_established: 0,
    tcp_syn_sent: 0,
    tcp_syn_recv: 0,
    tcp_fin_wait1: 0,
    tcp_fin_wait2: 0,
    tcp_time_wait: 0,
    tcp_close: 0,
    tcp_close_wait: 0,
    tcp_last_ack: 0,
    tcp_listen: 0,
    tcp_closing: 0,
    tcp_none: 0,
    udp_socket: 0,
  };
}
