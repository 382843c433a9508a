/**
 * A few numbers of each host, taken from its lines as they pass, so that a page of the fleet needs no query per host. In memory only:
 * after a start of the hub they are there with the next lines.
 */
import type { FleetVitals } from '../api/fleet.ts';
import type { Metric } from '../metric/metric.ts';

/** A host: a member, or a plain writer. */
interface Named {
  readonly name: string;
}

type Name = 'cpu' | 'memory' | 'load';

interface Newest {
  readonly value: number;
  /** ns since the Unix epoch. */
  readonly time: bigint;
}

interface Kept {
  readonly newest: Map<Name, Newest>;
  /** The fullest file system of the newest round. */
  disk: Newest | undefined;
}

/** Lines of one gathering are so close. ns. */
const ROUND_NS = 1_000_000_000n;
/** ns. */
const MS = 1_000_000n;

export class Vitals {
  /** Goes with the host. */
  readonly #of = new WeakMap<Named, Kept>();

  /**
   * Lines of other hosts, which an agent passes on, are not its own. A line from the future counts as one of now, or those after
   * a clock was set right would never count.
   *
   * @param now ms since the Unix epoch
   */
  see(host: Named, metrics: readonly Metric[], now: number): void {
    const latest = BigInt(Math.trunc(now)) * MS;
    for (const metric of metrics) {
      const { host: name = host.name } = metric.tags;
      if (name === host.name) this.#see(host, metric, metric.time < latest ? metric.time : latest);
    }
  }

  /** Null: nothing was seen yet. */
  of(host: Named): FleetVitals {
    const kept = this.#of.get(host);
    const value = (name: Name) => kept?.newest.get(name)?.value ?? null;
    return { cpu: value('cpu'), memory: value('memory'), disk: kept?.disk?.value ?? null, load: value('load') };
  }

  #see(host: Named, { name, tags, fields }: Metric, time: bigint): void {
    switch (name) {
      case 'cpu':
        // Of all processors. What is not idle is busy, waiting for disks too.
        if (tags['cpu'] === 'cpu-total') this.#keep(host, 'cpu', 100 - Number(fields['usage_idle']), time);
        return;
      case 'mem':
        this.#keep(host, 'memory', Number(fields['used_percent']), time);
        return;
      case 'system':
        this.#keep(host, 'load', Number(fields['load1']), time);
        return;
      case 'disk':
        this.#keepWorst(host, Number(fields['used_percent']), time);
    }
  }

  /** Older lines come later, after an outage. */
  #keep(host: Named, name: Name, value: number, time: bigint): void {
    if (!Number.isFinite(value)) return;
    const { newest } = this.#kept(host);
    if (time >= (newest.get(name)?.time ?? 0n)) newest.set(name, { value, time });
  }

  #keepWorst(host: Named, value: number, time: bigint): void {
    if (!Number.isFinite(value)) return;
    const kept = this.#kept(host);
    const age = kept.disk === undefined ? ROUND_NS : time - kept.disk.time;
    const isWorse = kept.disk !== undefined && age > -ROUND_NS && value > kept.disk.value;
    // The round keeps the time of its first line, so that rounds do not grow into each other.
    if (age >= ROUND_NS) kept.disk = { value, time };
    else if (isWorse) kept.disk = { value, time: kept.disk?.time ?? time };
  }

  #kept(host: Named): Kept {
    const known = this.#of.get(host);
    if (known !== undefined) return known;
    const made: Kept = { newest: new Map(), disk: undefined };
    this.#of.set(host, made);
    return made;
  }
}
