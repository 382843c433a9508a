/**
 * Disk space of the storage driver devicemapper, which Docker supported up to version 24. The daemon reports
 * human-readable text: `Data Space Used` is `11.8 MB`, in powers of 1000.
 */
const SPACES = new Set([
  'pool_blocksize',
  'base_device_size',
  'data_space_used',
  'data_space_total',
  'data_space_available',
  'metadata_space_used',
  'metadata_space_total',
  'metadata_space_available',
  'thin_pool_minimum_free_space',
]);

const SIZE = /^(\d+(?:\.\d+)?) ?([kmgtp])?b?$/i;

export interface DeviceMapper {
  readonly poolName: string | undefined;
  readonly poolBlocksize: number | undefined;
  /** `used`, `total`, `available`. */
  readonly data: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, number>>;
  /** All sizes, with `_bytes` appended to their names. */
  readonly all: Readonly<Record<string, number>>;
}

/** @returns undefined for other storage drivers */
export function deviceMapper(status: readonly (readonly [string, string])[]): DeviceMapper | undefined {
  const pairs = status.map(([label, text]) => [label.toLowerCase().replaceAll(' ', '_'), text] as const);
  const sizes = pairs.flatMap(([name, text]) => {
    const bytes = SPACES.has(name) ? parseSize(text) : undefined;
    return bytes === undefined ? [] : [[name, bytes] as const];
  });
  if (sizes.length === 0) return undefined;
  const under = (prefix: string) =>
    Object.fromEntries(
      sizes.flatMap(([name, bytes]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), bytes]] : [])),
    );
  return {
    poolName: pairs.find(([name]) => name === 'pool_name')?.[1],
    poolBlocksize: sizes.find(([name]) => name === 'pool_blocksize')?.[1],
    data: under('data_space_'),
    metadata: under('metadata_space_'),
    all: Object.fromEntries(sizes.map(([name, bytes]) => [`${name}_bytes`, bytes])),
  };
}

function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (match === null) return undefined;
  const power = ' kmgtp'.indexOf((match[2] ?? ' ').toLowerCase());
  return Math.trunc(Number(match[1]) * 1000 ** power);
}
