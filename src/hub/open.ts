/** What a hub is made of while its file is open. */
import type { Crowded } from './crowded.ts';
import type { HostTags } from './host-tags.ts';
import type { Hub } from './hub.ts';
import type { InventoryDesk } from './inventory-desk.ts';
import type { Names } from './names.ts';
import type { Probes } from './probes.ts';
import type { Rates } from './rates.ts';
import type { Registry } from './registry.ts';
import type { Sight } from './sight.ts';
import type { Vitals } from './vitals.ts';
import type { Warnings } from './warnings.ts';
import type { Watch } from './watch.ts';
import type { Writers } from './writers.ts';

export interface OpenHub {
  readonly hub: Hub;
  readonly registry: Registry;
  readonly watch: Watch;
  readonly names: Names;
  readonly vitals: Vitals;
  readonly inventory: InventoryDesk;
  readonly writers: Writers;
  readonly probes: Probes;
  readonly sight: Sight;
  readonly tags: HostTags;
  readonly warnings: Warnings;
  readonly crowded: Crowded;
  readonly rates: Rates;
}
