import type { IsSelected } from './interfaces.ts';

/** Counters from systeminformation, without packets. It runs a program on platforms without suitable files. */
export async function readPortable(isSelected: IsSelected | undefined) {
  const { default: si } = await import('systeminformation');
  const [interfaces, statistics] = await Promise.all([si.networkInterfaces(), si.networkStats('*')]);
  // Both return lists, because they are not limited to the default interface.
  const facts = new Map([interfaces].flat().map((entry) => [entry.iface, entry]));
  const isUsable = (name: string, operstate: string) =>
    isSelected === undefined ? facts.get(name)?.internal !== true && operstate !== 'down' : isSelected(name);
  return statistics
    .filter(({ iface, operstate }) => isUsable(iface, operstate))
    .map(({ iface, rx_bytes, tx_bytes, rx_errors, tx_errors, rx_dropped, tx_dropped }) => ({
      name: iface,
      fields: {
        bytes_sent: tx_bytes,
        bytes_recv: rx_bytes,
        err_in: rx_errors,
        err_out: tx_errors,
        drop_in: rx_dropped,
        drop_out: tx_dropped,
        speed: facts.get(iface)?.speed ?? -1,
      },
    }));
}
