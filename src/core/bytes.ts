/** Bytes per unit: decimal units are powers of 1000, binary ones powers of 1024 (IEC 80000-13). */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['tb', 1e12],
  ['kib', 1024],
  ['mib', 1024 ** 2],
  ['gib', 1024 ** 3],
  ['tib', 1024 ** 4],
]);

/**
 * Parses a size such as `50MiB`, `1.5GB` or `4096`.
 *
 * @returns whole bytes
 * @throws RangeError for anything else
 */
export function parseBytes(text: string): number {
  const [, amount, unit = 'b'] = /^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)?\s*$/.exec(text) ?? [];
  const size = UNITS.get(unit.toLowerCase());
  if (amount === undefined || size === undefined) {
    throw new RangeError(`"${text}" is not a size; write a number with a unit, such as 512KiB, 50MiB or 2GB`);
  }
  const bytes = Math.round(Number(amount) * size);
  if (!Number.isFinite(bytes)) throw new RangeError('the size is too large');
  return bytes;
}
