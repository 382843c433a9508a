/** What an agent tells its hub about the machine: facts that change rarely, so that the hub can say what changed and who differs. */
import { z } from '../plugin/index.ts';

const text = (most: number) => z.string().max(most);

export const MOST_INPUTS = 100;
export const MOST_SECTIONS = 12;
export const MOST_ROWS = 64;
/** Of the whole report as JSON; a body may have 64 KiB. */
export const MOST_REPORT_BYTES = 48 * 1024;

export const inventorySection = z.object({
  title: text(100),
  rows: z.array(z.tuple([text(200), text(200)])).max(MOST_ROWS),
});

export const inventoryReport = z.object({
  /** `Debian GNU/Linux 12`. */
  os: text(200),
  kernel: text(200),
  arch: text(64),
  cores: z.number().int().nonnegative().max(1_000_000),
  memoryBytes: z.number().nonnegative().max(1e18),
  /** IANA name. */
  timeZone: text(64),
  /** `kvm`; `none` on bare metal, empty if it is not known. */
  virtualisation: text(200),
  /** Null: it cannot be known here. */
  isRebootPending: z.boolean().nullable(),
  /** Of healthd. */
  version: text(64),
  tags: z.record(text(64), text(255)).refine((tags) => Object.keys(tags).length <= 50, 'has more than 50 tags'),
  addresses: z.array(text(64)).max(16),
  inputs: z.array(z.object({ alias: text(200), plugin: text(100), error: text(300).nullable() })).max(MOST_INPUTS),
  /** Modules, disks, cards: label and value. Empty until they were collected, half a minute after the first start. */
  sections: z.array(inventorySection).max(MOST_SECTIONS),
});

export type InventoryReport = z.output<typeof inventoryReport>;
