/** What was going on when an alert fired: the host, its busiest processes and containers. */
import type { Clock } from '../../core/clock.ts';
import type { ContextTable } from '../../plugin/notification.ts';
import type { Host } from '../../plugin/index.ts';

import type { Capture, ContextKind } from './capture.ts';
import { readProcesses, residentBytes, type Reading } from './processes.ts';
import { topByCpu, topByMemory } from './top-processes.ts';
import { Usage } from './usage.ts';

export type { Capture } from './capture.ts';

export interface CaptureOptions {
  readonly host: Pick<Host, 'proc' | 'hostname'>;
  readonly clock: Clock;
}

/** A first reading of the processes serves for this time, ms; longer ago, it says little about now. */
const SERVES_MS = 600_000;
/** While something is pending it is renewed at most this often, ms. */
const RENEW_MS = 60_000;
/** Between two readings when there was none before, ms. A hundredth of a second is what the kernel counts. */
const APART_MS = 60;
/** One reading serves all alerts that fire within this time, ms. */
const SHARED_MS = 1000;
/** What takes longer is left out, ms. */
const DEADLINE_MS = 140;

export function createCapture({ host, clock }: CaptureOptions): Capture {
  const usage = new Usage();
  const processes = new ProcessWatch(host.proc, clock);
  /** Processes can be looked at on this host only. */
  const isHere = (name: string) => name === '' || name === host.hostname;
  return {
    wants: (measurement, tags) => usage.wants(measurement, tags),
    observe: (metric) => {
      usage.observe(metric, clock.elapsed());
    },
    prepare: (kinds, name) => {
      if (kinds.includes('top_cpu') && isHere(name)) processes.prepare();
    },
    take: (kinds, name) => {
      const at = clock.elapsed();
      const atHand = [
        ...(kinds.includes('host') ? [usage.hostTable(name, at)] : []),
        ...(kinds.includes('containers') ? [usage.containerTable(name, at)] : []),
      ];
      const needsProcesses = isHere(name) && (kinds.includes('top_cpu') || kinds.includes('top_memory'));
      if (!needsProcesses) return finished(kinds, atHand);
      return processes.take(kinds).then((tables) => finished(kinds, [...atHand, ...tables]));
    },
  };
}

class ProcessWatch {
  readonly #proc: string;
  readonly #clock: Clock;
  #first: Reading | undefined;
  #pending: Promise<void> | undefined;
  #shared: { readonly at: number; readonly readings: Promise<readonly [Reading, Reading] | undefined> } | undefined;

  constructor(proc: string, clock: Clock) {
    this.#proc = proc;
    this.#clock = clock;
  }

  prepare(): void {
    if (this.#pending !== undefined || this.#ageOfFirst() < RENEW_MS) return;
    this.#pending = this.#read().then((reading) => {
      this.#first = reading;
      this.#pending = undefined;
    });
  }

  async take(kinds: readonly ContextKind[]): Promise<readonly ContextTable[]> {
    const readings = await (kinds.includes('top_cpu') ? this.#readings() : withDeadline(this.#clock, this.#readOnce()));
    if (readings === undefined) return [];
    const [before, after] = readings;
    return [
      ...(kinds.includes('top_cpu') ? [topByCpu(before, after)] : []),
      ...(kinds.includes('top_memory') ? [topByMemory(after, (number) => residentBytes(this.#proc, number))] : []),
    ];
  }

  /** @returns undefined if it takes too long */
  #readings(): Promise<readonly [Reading, Reading] | undefined> {
    const at = this.#clock.elapsed();
    if (this.#shared === undefined || at - this.#shared.at >= SHARED_MS) {
      this.#shared = { at, readings: withDeadline(this.#clock, this.#readTwice()) };
    }
    return this.#shared.readings;
  }

  async #readOnce(): Promise<readonly [Reading, Reading]> {
    const reading = await this.#read();
    return [reading, reading];
  }

  async #readTwice(): Promise<readonly [Reading, Reading]> {
    await this.#pending;
    const age = this.#ageOfFirst();
    const known = this.#first !== undefined && age >= APART_MS && age < SERVES_MS ? this.#first : undefined;
    const before = known ?? (await this.#read());
    if (known === undefined) await this.#clock.sleep(APART_MS);
    const after = await this.#read();
    this.#first = after;
    return [before, after];
  }

  #read(): Promise<Reading> {
    return readProcesses(this.#proc, this.#clock);
  }

  #ageOfFirst(): number {
    return this.#first === undefined ? Infinity : this.#clock.elapsed() - this.#first.at;
  }
}

function withDeadline<T>(clock: Clock, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(DEADLINE_MS, () => {
      resolve(undefined);
    });
    work.finally(cancel).then(resolve, reject);
  });
}

/** In the order in which they were asked for, without empty ones; nobody can change them. */
function finished(kinds: readonly ContextKind[], tables: readonly ContextTable[]): readonly ContextTable[] {
  const order = kinds.flatMap((kind) => tables.filter((table) => table.kind === kind && table.rows.length > 0));
  return Object.freeze(
    order.map((table) => Object.freeze({ ...table, rows: Object.freeze(table.rows.map((row) => Object.freeze(row))) })),
  );
}
