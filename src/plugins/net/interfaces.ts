import { readFile } from 'node:fs/promises';

import { compileGlobs } from '../../plugin/index.ts';
import type { Clock, Host } from '../../plugin/index.ts';

const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;

/** How long it is cached whether an interface is up, in ms. */
const FLAGS_AGE = 10_000;

/** How long the speed of an interface is cached, in ms. It changes when a cable is plugged. */
const SPEED_AGE = 30_000;

export type IsSelected = (name: string) => boolean;

/** Selects by the user's globs; without any, every interface that is up, except loopback. */
export function createSelector(interfaces: readonly string[], host: Host, clock: Clock): IsSelected {
  if (interfaces.length > 0) return compileGlobs(interfaces);
  const known = new Kept<boolean>(FLAGS_AGE, clock);
  return (name) => known.get(name) ?? known.set(name, isUsable(name, host));
}

/**
 * Source: `flags` in sysfs, as in <linux/if.h>. An interface that sysfs does not show (an alias, or in a container that sees
 * the counters of the host but not its sysfs) counts as up.
 */
function isUsable(name: string, host: Host): boolean {
  // Without caching the descriptor: interfaces of containers come and go, and each would leak one.
  const flags = host.readOptional(`${host.sys}/class/net/${name}/flags`);
  if (flags === '') return name !== 'lo';
  return (Number(flags) & IFF_UP) !== 0 && (Number(flags) & IFF_LOOPBACK) === 0;
}

/** Speeds in Mbit/s, −1 if unknown. Drivers may take long to answer, so reads are asynchronous and cached. */
export class Speeds {
  readonly #sys: string;
  readonly #known: Kept<number>;

  constructor(sys: string, clock: Clock) {
    this.#sys = sys;
    this.#known = new Kept(SPEED_AGE, clock);
  }

  get(name: string): number | undefined {
    return this.#known.get(name);
  }

  /** Reads the speeds that are not cached. @returns undefined if all are */
  learn(names: readonly string[]): Promise<unknown> | undefined {
    const unknown = names.filter((name) => this.#known.get(name) === undefined);
    if (unknown.length === 0) return undefined;
    return Promise.all(unknown.map(async (name) => this.#known.set(name, await this.#read(name))));
  }

  async #read(name: string): Promise<number> {
    try {
      return parseSpeed(await readFile(`${this.#sys}/class/net/${name}/speed`, 'utf8'));
    } catch {
      return -1; // EINVAL while the link is down, ENOENT without sysfs: unknown either way
    }
  }
}

/** A cache with a time to live. */
class Kept<Fact> {
  readonly #age: number;
  readonly #clock: Clock;
  readonly #facts = new Map<string, { readonly fact: Fact; readonly since: number }>();

  constructor(age: number, clock: Clock) {
    this.#age = age;
    this.#clock = clock;
  }

  get(name: string): Fact | undefined {
    const kept = this.#facts.get(name);
    if (kept === undefined || this.#clock.elapsed() - kept.since < this.#age) return kept?.fact;
    this.#facts.delete(name);
    return undefined;
  }

  set(name: string, fact: Fact): Fact {
    this.#facts.set(name, { fact, since: this.#clock.elapsed() });
    return fact;
  }
}

/** Drivers report an unknown speed as −1, some of them unsigned. */
export function parseSpeed(text: string): number {
  const speed = Number.parseInt(text, 10);
  return speed >= 0 && speed < 0xffff_ffff ? speed : -1;
}
