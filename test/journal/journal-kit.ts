/** Kit for tests of the journal: journals in temporary folders, and lines that show their position. */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Clock } from '../../src/core/clock.ts';
import type { DiskOptions } from '../../src/journal/disk.ts';
import type { BatchLimits } from '../../src/metric/batch.ts';
import type { JournalBatch, JournalReader, LineSource } from '../../src/journal/journal.ts';
import { LineJournal } from '../../src/journal/line-journal.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog, type RecordingLog } from '../support/kit/recording-log.ts';

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const HOUR = 3_600_000;

/** No limit to a batch. */
export const ALL: BatchLimits = { lines: 1e9, bytes: 1e9 };

/** A manual clock whose wall time can be set, as an administrator or NTP does. */
export type SteppedClock = ReturnType<typeof steppedClock>;

export function steppedClock() {
  const clock = manualClock();
  let step = 0;
  return {
    ...clock,
    now: () => clock.now() + step,
    /** Steps the wall clock forward or backward; no time elapses. */
    step(ms: number) {
      step += ms;
    },
  };
}

export type JournalSettings = Partial<Omit<DiskOptions, 'directory'>> & {
  readonly memoryBytes?: number;
  readonly clock?: Clock;
  readonly log?: RecordingLog;
};

/** Bounds that no test reaches. */
const WIDE = { sync: 'none', maxBytes: 1e9, maxAge: 1e12, keep: 0 } as const;

/** Creates folders and journals, and cleans up both. */
export class JournalKit {
  readonly #folders: string[] = [];
  readonly #journals = new Set<LineJournal>();

  /** An empty folder. */
  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'healthd-journal-'));
    this.#folders.push(folder);
    return folder;
  }

  inMemory({ memoryBytes = 1e9, clock = manualClock(), log = recordingLog() }: JournalSettings = {}): LineJournal {
    return this.#keep(LineJournal.inMemory({ memoryBytes, clock, log }));
  }

  async open(directory: string, settings: JournalSettings = {}): Promise<LineJournal> {
    const { memoryBytes = 1e9, clock = manualClock(), log = recordingLog(), ...disk } = settings;
    return this.#keep(await LineJournal.open({ memoryBytes, clock, log, disk: { directory, ...WIDE, ...disk } }));
  }

  async close(journal: LineJournal): Promise<void> {
    this.#journals.delete(journal);
    await journal.close();
  }

  /** What a process killed now would leave behind: a copy of the directory without the lock. */
  copy(directory: string): string {
    const copy = join(this.folder(), 'journal');
    cpSync(directory, copy, { recursive: true, filter: (source) => !source.startsWith(join(directory, 'lock')) });
    return copy;
  }

  /** Cleans up before the end of the test, for tests with many journals. */
  async discard(journal: LineJournal, directory: string): Promise<void> {
    await this.close(journal);
    rmSync(directory, { recursive: true });
  }

  async closeAll(): Promise<void> {
    for (const journal of this.#journals) await this.close(journal);
  }

  async clear(): Promise<void> {
    await this.closeAll();
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }

  #keep(journal: LineJournal): LineJournal {
    this.#journals.add(journal);
    return journal;
  }
}

export function append(journal: LineJournal, ...lines: readonly string[]): void {
  journal.append(Buffer.from(lines.map((line) => `${line}\n`).join('')), lines.length);
}

/** `m v=<from>`, `m v=<from + 1>`, … */
export function numbered(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `m v=${from + index}`);
}

/** The values of `v`, for readable failures. */
export function serials(lines: readonly string[]): number[] {
  return lines.map((line) => Number(/ v=(\d+)/.exec(line)?.[1]));
}

/** Lines of half a KiB each that hardly compress. */
export function bulky(from: number, count: number): string[] {
  return numbered(from, count).map((line) => {
    const noise = createHash('shake256', { outputLength: 360 }).update(line).digest('base64');
    return `${line},s="${noise}"`;
  });
}

export function textsOf(next: JournalBatch | undefined): string[] {
  return next === undefined ? [] : [...next.batch.texts()];
}

/** The next batch, without acknowledging it. */
export async function look(source: LineSource, limits = ALL): Promise<string[]> {
  return textsOf(await source.peek(limits));
}

/** The next batch, acknowledged. */
export async function take(source: LineSource, limits = ALL): Promise<string[]> {
  const next = await source.peek(limits);
  if (next !== undefined) await source.acknowledge(next.end);
  return textsOf(next);
}

/** All pending lines, acknowledged. */
export async function drain(source: LineSource, limits = ALL): Promise<string[]> {
  const lines: string[] = [];
  for (let batch = await take(source, limits); batch.length > 0; batch = await take(source, limits))
    lines.push(...batch);
  return lines;
}

/** All pending lines of a reader, backlog first. */
export async function drainBoth(reader: JournalReader): Promise<string[]> {
  return [...(await drain(reader.backlog)), ...(await drain(reader))];
}

/** Resolves when a condition holds. @throws when it does not hold after five seconds */
export async function until(condition: () => boolean, what = condition.toString()): Promise<void> {
  for (const end = performance.now() + 5000; !condition();) {
    if (performance.now() > end) throw new Error(`This did not come true within 5 s: ${what}`);
    await nextTurn();
  }
}

/** Resolves when all appended lines are on disk. */
export async function stored(journal: LineJournal): Promise<void> {
  journal.seal();
  await until(() => journal.status.memoryBytes === 0, 'everything is on the disk');
}

/** Appends and waits until the lines are on disk, as a record of their own. */
export async function appendStored(journal: LineJournal, ...lines: readonly string[]): Promise<void> {
  append(journal, ...lines);
  await stored(journal);
}

/** Closes the active segment by letting it age. */
export async function endSegment(clock: { advance(ms: number): void }): Promise<void> {
  clock.advance(HOUR + 61_000);
  // Maintenance runs before anything that is appended from now on.
  await nextTurn();
}

/** Names of the segments, in order. */
export function segmentsIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.seg'))
    .sort();
}

/** Size of all segments. */
export function segmentBytes(directory: string): Buffer[] {
  return segmentsIn(directory).map((name) => readFileSync(join(directory, name)));
}
