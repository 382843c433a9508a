/** One interface of /proc/net/dev. Format: proc_pid_net(5). */
export interface InterfaceCounters {
  readonly name: string;
  readonly bytes_sent: number;
  readonly bytes_recv: number;
  readonly packets_sent: number;
  readonly packets_recv: number;
  readonly err_in: number;
  readonly err_out: number;
  readonly drop_in: number;
  readonly drop_out: number;
}

/** In file order. The two heading lines and malformed lines are skipped. */
export function parseNetDev(text: string): InterfaceCounters[] {
  const interfaces: InterfaceCounters[] = [];
  for (const line of text.split('\n')) {
    // The last colon: an alias has one in its name (`eth0:1`), and old kernels print no space after it.
    const colon = line.lastIndexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim();
    const columns = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/);
    if (name === '' || columns.length < 16) continue;
    const at = (column: number) => Number(columns[column]);
    const counters = {
      bytes_sent: at(8),
      bytes_recv: at(0),
      packets_sent: at(9),
      packets_recv: at(1),
      err_in: at(2),
      err_out: at(10),
      drop_in: at(3),
      drop_out: at(11),
    };
    if (Object.values(counters).every((value) => value >= 0 && value < Infinity))
      interfaces.push({ name, ...counters });
  }
  return interfaces;
}
