import type { BlockStats } from '../api/answers.ts';

export type BlockFields = Readonly<Record<string, number>>;

/** The daemon's list → field name, or its prefix (ending in `_`) where the list distinguishes operations. */
const LISTS = {
  io_service_bytes_recursive: 'io_service_bytes_recursive_',
  io_serviced_recursive: 'io_serviced_recursive_',
  io_queue_recursive: 'io_queue_recursive_',
  io_service_time_recursive: 'io_service_time_recursive_',
  io_wait_time_recursive: 'io_wait_time_',
  io_merged_recursive: 'io_merged_recursive_',
  io_time_recursive: 'io_time_recursive',
  sectors_recursive: 'sectors_recursive',
} as const satisfies Record<keyof BlockStats, string>;

/** `major:minor` → the fields from all lists that contain the device. */
export function blockDevices(stats: BlockStats): ReadonlyMap<string, BlockFields> {
  const devices = new Map<string, Record<string, number>>();
  for (const list of Object.keys(LISTS) as (keyof BlockStats)[]) {
    const field = LISTS[list];
    for (const { major, minor, op, value } of stats[list] ?? []) {
      const device = `${major}:${minor}`;
      const fields = devices.get(device) ?? {};
      devices.set(device, fields);
      fields[field.endsWith('_') ? field + op.toLowerCase() : field] = value;
    }
  }
  return devices;
}

/** Sums over all devices. */
export function blockTotals(devices: Iterable<BlockFields>): BlockFields {
  const totals: Record<string, number> = {};
  for (const fields of devices) {
    for (const [field, value] of Object.entries(fields)) totals[field] = (totals[field] ?? 0) + value;
  }
  return totals;
}
