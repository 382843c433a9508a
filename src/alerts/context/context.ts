/** Captures the usage of the host, its top processes and its busiest containers. */
import type { Clock } from '../../core/clock.ts';
import { readProcesses, type Reading } from '../../host/processes/reading.ts';
import type { ContextTable } from '../../plugin/notification.ts';
import type { Host } from '../../plugin/index.ts';

import { NOT_IN_TIME, type Capture, type ContextKind } from './capture.ts';
import { sourceTables, type Explain } from './source.ts';
import { topByCpu, topByMemory } from './top-processes.ts';
import { Usage } from './usage.ts';

export type { Capture } from './capture.ts';

export interface CaptureOptions {
  readonly host: Pick<Host, 'proc' | 'hostname'>;
  readonly clock: Clock;
  readonly explain: Explain;
}

/** Maximum age of the first reading of processes: an older one says little about now. */
const MAX_AGE_MS = 600_000;
/** Minimum interval between first readings while alerts are pending. */
const RENEW_MS = 60_000;
/** Distance of two readings if there was no earlier one. The kernel counts CPU time in steps of 10 ms. */
const APART_MS = 60;
/** All alerts that fire within this time share one reading. */
const SHARED_MS = 1000;
/** Tables of processes that take longer are left out. */
const DEADLINE_MS = 400;

export function createCapture({ host, clock, explain }: CaptureOptions): Capture {
  const usage = new Usage();
  const processes = new ProcessReader(host.proc, clock);
  /** Processes can be read on this host only. */
  const isLocal = (name: string) => name === '' || name === host.hostname;
  return {
    wants: (measurement, tags) => usage.wants(measurement, tags),
    observe: (metric) => {
      usage.observe(metric, clock.elapsed());
    },
    prepare: (kinds, name) => {
      if (kinds.includes('top_cpu') && isLocal(name)) processes.prepare();
    },
    take: (kinds, about) => {
      const name = about.host;
      const at = clock.elapsed();
      const tables = [
        ...(kinds.includes('host') ? [usage.hostTable(name, at)] : []),
        ...(kinds.includes('containers') ? [usage.containerTable(name, at)] : []),
      ];
      if (!isLocal(name)) return finished(kinds, tables);
      const further = [
        ...(kinds.includes('top_cpu') || kinds.includes('top_memory') ? [processes.take(kinds)] : []),
        ...(kinds.includes('source') ? [sourceTables(explain, about, clock, DEADLINE_MS)] : []),
      ];
      if (further.length === 0) return finished(kinds, tables);
      return Promise.all(further).then((found) => finished(kinds, [...tables, ...found.flat()]));
    },
  };
}

class ProcessReader {
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
    if (readings === undefined) return lateTables(kinds);
    const [before, after] = readings;
    return [
      ...(kinds.includes('top_cpu') ? [topByCpu(before, after)] : []),
      ...(kinds.includes('top_memory') ? [topByMemory(after)] : []),
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
    const known = this.#first !== undefined && age >= APART_MS && age < MAX_AGE_MS ? this.#first : undefined;
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

function lateTables(kinds: readonly ContextKind[]): readonly ContextTable[] {
  const titles = { top_cpu: 'Top processes by CPU', top_memory: 'Top processes by memory' };
  return (['top_cpu', 'top_memory'] as const)
    .filter((kind) => kinds.includes(kind))
    .map((kind) => ({ kind, title: titles[kind], columns: [], rows: [], note: NOT_IN_TIME }));
}

/** In the order of `kinds`, without empty tables, frozen. */
function finished(kinds: readonly ContextKind[], tables: readonly ContextTable[]): readonly ContextTable[] {
  const order = kinds.flatMap((kind) =>
    tables.filter(({ kind: of, rows, note }) => of === kind && (rows.length > 0 || note !== undefined)),
  );
  return Object.freeze(
    order.map((table) => Object.freeze({ ...table, rows: Object.freeze(table.rows.map((row) => Object.freeze(row))) })),
  );
}
