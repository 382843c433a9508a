import type { NetworkStats } from '../api/answers.ts';

export const NETWORK_FIELDS = [
  'rx_bytes',
  'rx_packets',
  'rx_errors',
  'rx_dropped',
  'tx_bytes',
  'tx_packets',
  'tx_errors',
  'tx_dropped',
] as const;

type NetworkFields = Readonly<Record<(typeof NETWORK_FIELDS)[number], number>>;

/** Picks the counters: Windows also sends endpoint and instance names. */
export function networkFields(stats: NetworkStats): NetworkFields {
  return pick((field) => stats[field]);
}

/** Sums over all interfaces. */
export function networkTotals(interfaces: readonly NetworkStats[]): NetworkFields {
  return pick((field) => interfaces.reduce((sum, stats) => sum + stats[field], 0));
}

function pick(value: (field: (typeof NETWORK_FIELDS)[number]) => number): NetworkFields {
  return Object.fromEntries(NETWORK_FIELDS.map((field) => [field, value(field)])) as unknown as NetworkFields;
}
