/** Inventories in the API of a hub. Times are ms since the Unix epoch. */
import { z } from '../plugin/index.ts';

import { inventoryReport } from './inventory-report.ts';

export const inventoryChange = z.object({
  at: z.number(),
  /** `Kernel`, `Memory: Slot 0`. */
  label: z.string(),
  /** Null: it was not there. */
  before: z.string().nullable(),
  /** Null: it is gone. */
  after: z.string().nullable(),
});

/** `GET /api/v1/fleet/hosts/:id/inventory`. */
export const hostInventoryAnswer = z.object({
  id: z.string(),
  name: z.string(),
  /** When the host said it last; null if it has said nothing yet, as agents of earlier versions. */
  at: z.number().nullable(),
  report: inventoryReport.nullable(),
  /** The newest first. */
  changes: z.array(inventoryChange),
});

/** `GET /api/v1/fleet/inventory`: of each host that has told it, what hosts are compared by. */
export const fleetInventoryAnswer = z.object({
  hosts: z.array(
    inventoryReport
      .pick({
        os: true,
        kernel: true,
        arch: true,
        cores: true,
        memoryBytes: true,
        virtualisation: true,
        isRebootPending: true,
        version: true,
      })
      .extend({
        id: z.string(),
        name: z.string(),
        at: z.number(),
        /** Aliases of inputs whose last gather failed. */
        failing: z.array(z.string()),
        /** When the newest change was seen; null if there was none. */
        changedAt: z.number().nullable(),
      }),
  ),
});

export type InventoryChange = z.output<typeof inventoryChange>;
export type HostInventoryAnswer = z.output<typeof hostInventoryAnswer>;
export type FleetInventoryAnswer = z.output<typeof fleetInventoryAnswer>;
