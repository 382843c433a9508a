/** Takes inventories from hosts, and answers for them. */
import type { FleetInventoryAnswer, HostInventoryAnswer } from '../api/fleet-inventory.ts';
import type { InventoryReport } from '../api/hub-protocol.ts';
import type { Clock } from '../core/clock.ts';
import { TokenBucket } from '../core/token-bucket.ts';

import type { Inventories } from './inventory.ts';
import type { HostRecord } from './records.ts';
import type { Registry } from './registry.ts';

/** A host tells after its start, on a change, and once a day: more is a flood. */
const PER_SECOND = 1 / 60;
const RESERVE = 10;

export interface InventoryDeskOptions {
  readonly inventories: Inventories;
  readonly registry: Registry;
  readonly clock: Clock;
}

export class InventoryDesk {
  readonly #options: InventoryDeskOptions;
  /** Goes with the host. */
  readonly #buckets = new WeakMap<HostRecord, TokenBucket>();

  constructor(options: InventoryDeskOptions) {
    this.#options = options;
  }

  /** @returns false: the host has told too much lately @throws the error of SQLite */
  take(host: HostRecord, report: InventoryReport): boolean {
    const { inventories, registry, clock } = this.#options;
    const now = clock.elapsed();
    const bucket = this.#buckets.get(host) ?? new TokenBucket(PER_SECOND, now, RESERVE);
    this.#buckets.set(host, bucket);
    if (bucket.waitMs(now) > 0) return false;
    bucket.take(1, now);
    // A request may hold a host that was forgotten meanwhile.
    if (registry.host(host.id) === host) inventories.put(host.id, report, clock.now());
    return true;
  }

  of({ id, name }: HostRecord): HostInventoryAnswer {
    const { inventories } = this.#options;
    const known = inventories.of(id);
    return { id, name, at: known?.at ?? null, report: known?.report ?? null, changes: [...inventories.changes(id)] };
  }

  all(): FleetInventoryAnswer {
    const { inventories, registry } = this.#options;
    return inventories.all((id) => registry.host(id)?.name);
  }
}
