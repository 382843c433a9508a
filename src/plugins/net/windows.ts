import type { IsSelected } from './interfaces.ts';

/** `NetworkInterfaceType` of .NET. */
const LOOPBACK = 24;

const COUNTERS = [
  ...(['bytes_sent', 'bytes_recv', 'packets_sent', 'packets_recv'] as const),
  ...(['err_in', 'err_out', 'drop_in', 'drop_out'] as const),
] as const;

type Counter = (typeof COUNTERS)[number];

const MBIT = 1_000_000;

/**
 * What `NetworkInterface.GetAllNetworkInterfaces` of .NET knows, under the names that Windows shows.
 *
 * @param isSelected undefined: all that are up, except loopback
 * @throws Error for a row that has not all of it: a missing counter is no zero
 */
export function interfacesOf(rows: readonly unknown[], isSelected: IsSelected | undefined) {
  return rows
    .map((row) => row as Readonly<Record<string, unknown>>)
    .filter(({ name, up, type }) => {
      if (typeof name !== 'string' || name === '') throw new Error('Windows named an interface without a name');
      return isSelected === undefined ? up === true && type !== LOOPBACK : isSelected(name);
    })
    .map((row) => ({ name: row['name'] as string, fields: { ...countersOf(row), speed: speedOf(row['speed']) } }));
}

function countersOf(row: Readonly<Record<string, unknown>>): Record<Counter, number> {
  const counters = COUNTERS.map((counter) => {
    const value = row[counter];
    if (typeof value !== 'number')
      throw new Error(`Windows gave no ${counter} of the interface ${String(row['name'])}`);
    return [counter, value];
  });
  return Object.fromEntries(counters) as Record<Counter, number>;
}

/** Bits per second → Mbit/s; −1 if unknown. */
function speedOf(speed: unknown): number {
  return typeof speed === 'number' && speed > 0 ? Math.round(speed / MBIT) : -1;
}
