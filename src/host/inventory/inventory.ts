/** The inventory of the host: collected some time after the start and once a day, and kept in the state directory. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { retryRename } from '../../core/retry-rename.ts';
import { describeError, unlessMissing } from '../../core/errors.ts';
import { jsonOf } from '../../core/json.ts';
import type { Clock } from '../../core/clock.ts';
import { z, type Logger } from '../../plugin/index.ts';

import type { Facts } from './facts.ts';
import { sectionsOf, type InventorySection } from './sections.ts';

export interface InventoryAtTime {
  /** When it was collected, ms since the Unix epoch. */
  readonly at: number;
  readonly sections: readonly InventorySection[];
}

export interface InventoryOptions {
  /** File that keeps the last one. */
  readonly path: string;
  readonly collect: () => Promise<Facts>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The start of a host is busy enough. */
const FIRST_MS = 30_000;
const DAY_MS = 86_400_000;

const schema = z.object({
  at: z.number(),
  sections: z.array(z.object({ title: z.string(), rows: z.array(z.tuple([z.string(), z.string()])) })),
});

export class Inventory {
  readonly #options: InventoryOptions;
  #known: InventoryAtTime | undefined;
  #collecting: Promise<InventoryAtTime> | undefined;
  #cancel: () => void = () => undefined;

  constructor(options: InventoryOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule(FIRST_MS);
  }

  stop(): void {
    this.#cancel();
  }

  /** The last one, else the one that was kept, else collected now, which takes seconds. @throws if that fails */
  async answer(): Promise<InventoryAtTime> {
    return (await this.kept()) ?? this.#collect();
  }

  #schedule(ms: number): void {
    this.#cancel = this.#options.clock.after(ms, () => {
      this.#schedule(DAY_MS);
      this.#collectUnlessRecent().catch((error: unknown) => {
        this.#options.log.debug(`No inventory: ${describeError(error)}`);
      });
    });
  }

  /** An agent that is restarted often does not collect each time. */
  async #collectUnlessRecent(): Promise<void> {
    const { clock } = this.#options;
    const age = clock.now() - ((await this.kept())?.at ?? -Infinity);
    if (age < 0 || age >= DAY_MS) await this.#collect();
  }

  /** The last one, of before a restart too; does not collect. One that was collected while the file was read is newer. */
  async kept(): Promise<InventoryAtTime | undefined> {
    const kept = this.#known ?? (await this.#read());
    this.#known ??= kept;
    return this.#known;
  }

  #collect(): Promise<InventoryAtTime> {
    this.#collecting ??= this.#collectNow().finally(() => {
      this.#collecting = undefined;
    });
    return this.#collecting;
  }

  async #collectNow(): Promise<InventoryAtTime> {
    const { collect, clock, log } = this.#options;
    this.#known = { sections: sectionsOf(await collect()), at: clock.now() };
    try {
      await this.#write(this.#known);
    } catch (error) {
      log.debug(`The inventory cannot be kept: ${describeError(error)}`);
    }
    return this.#known;
  }

  async #read(): Promise<InventoryAtTime | undefined> {
    try {
      const text = await unlessMissing(readFile(this.#options.path, 'utf8'));
      return text === undefined ? undefined : schema.safeParse(jsonOf(text)).data;
    } catch (error) {
      this.#options.log.debug(`The inventory that was kept cannot be read: ${describeError(error)}`);
      return undefined;
    }
  }

  async #write(inventory: InventoryAtTime): Promise<void> {
    const { path } = this.#options;
    await mkdir(dirname(path), { recursive: true, mode: 0o750 });
    await writeFile(`${path}.new`, `${JSON.stringify(inventory)}\n`, { mode: 0o640 });
    await retryRename(() => rename(`${path}.new`, path));
  }
}
