import type { NetworkStats } from '../api/answers.ts';

/** Loopback, and the devices that the kernel creates in every network namespace once their module is loaded. */
const KERNEL_DEVICES =
  /^(?:lo|tunl0|sit0|ip6tnl0|ip_vti0|ip6_vti0|gre0|gretap0|erspan0|ip6gre0|ip6gretap0|ip6erspan0)$/;

/** Interfaces of a container from /proc/<pid>/net/dev: eight receive counters, then eight transmit counters. */
export function parseNetDev(text: string): Readonly<Record<string, NetworkStats>> {
  const networks: Record<string, NetworkStats> = {};
  for (const line of text.split('\n').slice(2)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim();
    if (name === '' || KERNEL_DEVICES.test(name)) continue;
    const counters = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    const at = (column: number) => counters[column] ?? 0;
    networks[name] = {
      rx_bytes: at(0),
      rx_packets: at(1),
      rx_errors: at(2),
      rx_dropped: at(3),
      tx_bytes: at(8),
      tx_packets: at(9),
      tx_errors: at(10),
      tx_dropped: at(11),
    };
  }
  return networks;
}
