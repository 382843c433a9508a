import { readFile } from 'node:fs/promises';

import { compileGlobs } from '../../plugin.ts';
import type { Clock, Host } from '../../plugin.ts';

const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;

/** How long the speed of an interface is kept, in ms. It changes when a cable is plugged. */
const SPEED_AGE = 30_000;

export type IsSelected = (name: string) => boolean;

/** By the user's globs; without any, every interface that is up and is not the loopback. */
export function createSelector(interfaces: readonly string[], host: Host): IsSelected {
  return interfaces.length === 0 ? (name) => isUsable(name, host) : compileGlobs(interfaces);
}

/**
 * Source: `flags` in sysfs, as in <linux/if.h>. Where sysfs does not show the interface (an alias, or a container that
 * sees the counters of the host but not its sysfs) nothing is known against it.
 */
function isUsable(name: string, host: Host): boolean {
  // Not on a kept descriptor: interfaces of containers come and go, and each would leave one behind.
  const flags = host.readOptional(`${host.sys}/class/net/${name}/flags`);
  if (flags === '') return name !== 'lo';
  return (Number(flags) & IFF_UP) !== 0 && (Number(flags) & IFF_LOOPBACK) === 0;
}

/** Speeds in Mbit/s, −1 when unknown. Asking a driver may take long, so it is done beside, and rarely. */
export class Speeds {
  readonly #sys: string;
  readonly #clock: Clock;
  #known: ReadonlyMap<string, { readonly speed: number; readonly readAt: number }> = new Map();

  constructor(sys: string, clock: Clock) {
    this.#sys = sys;
    this.#clock = clock;
  }

  /** One for each name, in that order. */
  async of(names: readonly string[]): Promise<number[]> {
    const now = this.#clock.elapsed();
    const entries = await Promise.all(
      names.map(async (name) => {
        const known = this.#known.get(name);
        if (known !== undefined && now - known.readAt < SPEED_AGE) return [name, known] as const;
        return [name, { speed: await this.#read(name), readAt: now }] as const;
      }),
    );
    this.#known = new Map(entries);
    return entries.map(([, { speed }]) => speed);
  }

  async #read(name: string): Promise<number> {
    try {
      return parseSpeed(await readFile(`${this.#sys}/class/net/${name}/speed`, 'utf8'));
    } catch {
      return -1; // EINVAL while the link is down, ENOENT without sysfs: unknown either way
    }
  }
}

/** Drivers say "unknown" as −1, some of them unsigned. */
export function parseSpeed(text: string): number {
  const speed = Number.parseInt(text, 10);
  return speed >= 0 && speed < 0xffff_ffff ? speed : -1;
}
