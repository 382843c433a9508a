/**
 * The history of a state directory, read from its files: for commands, beside a running agent or without one. What is not stored
 * yet comes from the journal, after the cursor of the history.
 */
import { statSync } from 'node:fs';

import { loadDriver, type Driver } from '../host/sqlite/driver.ts';
import { findCursors } from '../journal/cursor-files.ts';
import { JournalScan } from '../journal/inspect.ts';
import { journalDirectory } from '../journal/part.ts';
import { parseLines } from '../metric/line-protocol.ts';
import type { Metric, Tags } from '../metric/metric.ts';
import type { FieldOf, KnownSet, Range, RangeAnswer } from './access.ts';
import type { QueryFunction } from './buckets.ts';
import { Block } from './codec/block.ts';
import { CorruptBlockError } from './codec/corrupt-block.ts';
import { collate } from './collate.ts';
import { HISTORY_CURSOR } from './feed.ts';
import { Head } from './head.ts';
import { KnownSets } from './known-sets.ts';
import { historyPath } from './path.ts';
import { rowAt, sliceRows, type Samples } from './samples.ts';
import { keyOf, type SeriesSet } from './series-set.ts';
import { DEFAULT_SET_LIMITS, SetLimit } from './set-limit.ts';
import { HOUR_MS, SPAN_MS, startOf, toMs, toNs } from './spans.ts';
import { openReadOnly, type HistoryDatabase } from './store/database.ts';
import { HistoryView } from './view.ts';

export interface ReaderOptions {
  readonly stateDirectory: string;
  /** Called for a damaged part, which is left out. */
  readonly onCorrupt: (error: CorruptBlockError) => void;
  readonly driver?: () => Driver;
}

/** The samples of one set in one span of six hours. */
export interface SetSamples {
  readonly set: SeriesSet;
  /** With the tag `host` of the agent. */
  readonly tags: Tags;
  readonly samples: Samples;
}

/** Of samples that are not stored, bytes. The agent stores them long before there are so many. */
const MOST_UNSTORED = 512 * 1024 * 1024;
/** Their memory is measured after so many bytes of lines. */
const MEASURE_BYTES = 4 * 1024 * 1024;

export class HistoryReader {
  readonly #database: HistoryDatabase;
  readonly #head: Head;
  readonly #view: HistoryView;
  readonly #onCorrupt: ReaderOptions['onCorrupt'];
  /** Of hosts, by their ids. */
  readonly #names: ReadonlyMap<string, string | undefined>;

  /** @throws Error that says what is missing, the error of SQLite, or that of the file system */
  static async open(options: ReaderOptions): Promise<HistoryReader> {
    const { stateDirectory, driver = loadDriver, onCorrupt } = options;
    const path = historyPath(stateDirectory);
    // Without the right to look into the folder, it would seem to be missing.
    if (statSync(path, { throwIfNoEntry: false }) === undefined) {
      throw new Error(`There is no history in ${stateDirectory}: the agent keeps it in ${path} once it has run`);
    }
    const reader = new HistoryReader(openReadOnly(driver(), path, onCorrupt), onCorrupt);
    try {
      await reader.#readJournal(journalDirectory(stateDirectory));
      return reader;
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  private constructor(database: HistoryDatabase, onCorrupt: ReaderOptions['onCorrupt']) {
    this.#database = database;
    this.#onCorrupt = onCorrupt;
    const { ownName } = database;
    this.#names = new Map([...database.hosts().map(({ id, name }) => [id, name] as const), ['', ownName]]);
    const limit = new SetLimit(DEFAULT_SET_LIMITS, () => undefined);
    limit.keepOnly(database.setKeys());
    this.#head = new Head(limit);
    this.#head.ownNames = new Set(ownName === undefined ? [] : [ownName]);
    this.#view = new HistoryView({ database, head: this.#head, known: new KnownSets(), onCorrupt });
  }

  sets(): readonly KnownSet[] {
    return this.#view.sets();
  }

  /** @throws RangeError for a range that is empty or has too many buckets */
  query(fields: readonly FieldOf[], functions: readonly QueryFunction[], range: Range): RangeAnswer {
    return this.#view.queryAll(fields, functions, range);
  }

  /**
   * Samples as they were collected: six hours after the other, the oldest first, and in each set by set, which are in memory together.
   *
   * @param from and @param to (exclusive) ms since the Unix epoch
   * @param isField which fields; default all. Rows without any of them are left out.
   */
  *samples(
    isWanted: (set: SeriesSet) => boolean,
    { from, to }: Pick<Range, 'from' | 'to'>,
    isField?: (set: SeriesSet, field: string) => boolean,
  ): Generator<SetSamples, void> {
    const stored = new Map(this.#database.sets().map((set) => [keyOf(set), set]));
    const all = new Map<string, SeriesSet>([...stored, ...this.#head.sets().map((set) => [keyOf(set), set] as const)]);
    const wanted = [...all].filter(([, set]) => isWanted(set)).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const span of this.#spans(from, to)) {
      for (const [key, set] of wanted) {
        const samples = this.#spanOf(set, stored.get(key)?.id, span, isField && ((field) => isField(set, field)));
        const cut = samples && between(samples, from, to);
        if (cut !== undefined) yield { set, tags: this.tagsOf(set), samples: cut };
      }
    }
  }

  /** What was not stored when the reader was opened. */
  *unstored(): Generator<Pick<SetSamples, 'set' | 'samples'>, void> {
    for (const some of this.#head.pending(() => true, 1)) yield* some.filter(({ samples }) => samples.times.length > 0);
  }

  /** The tags of a set, with the `host` that the agent adds. */
  tagsOf({ host, tags }: SeriesSet): Tags {
    const name = this.#names.get(host) ?? host;
    if (name === '' || Object.hasOwn(tags, 'host')) return tags;
    const all = Object.entries({ ...tags, host: name });
    return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  close(): void {
    this.#database.close();
  }

  #spans(from: number, to: number): readonly number[] {
    const inHead = Array.from(this.#head.hours, (hour) => startOf(hour, SPAN_MS));
    const spans = [...this.#database.rawSpans(startOf(from, SPAN_MS), to), ...inHead];
    return [...new Set(spans)].filter((span) => span < to && span + SPAN_MS > from).sort((a, b) => a - b);
  }

  #spanOf(
    set: SeriesSet,
    id: number | undefined,
    span: number,
    isField: ((field: string) => boolean) | undefined,
  ): Samples | undefined {
    const blocks = id === undefined ? [] : this.#database.blocks(id, 'raw', span, span + SPAN_MS);
    const parts = blocks.flatMap(({ bytes }) => this.#decode(bytes, isField));
    for (let hour = span; hour < span + SPAN_MS; hour += HOUR_MS) {
      const head = this.#head.hourOf(set, hour);
      if (head !== undefined) parts.push(isField === undefined ? head : pick(head, isField));
    }
    return parts.length === 0 ? undefined : collate(parts);
  }

  #decode(bytes: Uint8Array, isField: ((field: string) => boolean) | undefined): Samples[] {
    try {
      const block = new Block(bytes);
      // The times alone are no samples, and take as long as a column.
      const isUseless = isField !== undefined && !block.columns.some(({ name }) => isField(name));
      return isUseless ? [] : [block.samples(isField)];
    } catch (error) {
      if (!(error instanceof CorruptBlockError)) throw error;
      this.#onCorrupt(error);
      return [];
    }
  }

  /** Before anything is read from the file: what the agent stores meanwhile is there twice then, and not missing. */
  async #readJournal(directory: string): Promise<void> {
    const cursor = (await findCursors(directory)).get(HISTORY_CURSOR);
    if (cursor === undefined) return;
    const { closedBefore } = this.#database;
    let bytes = 0;
    const scan = await JournalScan.open(directory);
    for await (const { lines } of scan.groups(cursor.progress?.position)) {
      for (const metric of parseLines(lines).metrics) {
        if (toMs(metric.time) >= closedBefore) this.#head.add(metric, '');
      }
      bytes += lines.length;
      if (bytes < MEASURE_BYTES) continue;
      bytes = 0;
      if (this.#head.bytes > MOST_UNSTORED)
        throw new Error(`${directory} has too many lines that are not stored yet; start the agent, it stores them`);
    }
  }
}

function between(samples: Samples, from: number, to: number): Samples | undefined {
  const start = rowAt(samples.times, toNs(Math.ceil(from)));
  const end = rowAt(samples.times, toNs(Math.ceil(to)));
  const cut = start === 0 && end === samples.times.length ? samples : sliceRows(samples, start, end);
  return end > start && cut.columns.length > 0 ? cut : undefined;
}

function pick({ times, columns }: Samples, isField: (field: string) => boolean): Samples {
  return { times, columns: columns.filter(({ name }) => isField(name)) };
}

/** The rows as metrics; those without a value are left out. */
export function* metricsOf({ set, tags, samples: { times, columns } }: SetSamples): Generator<Metric, void> {
  for (const [row, time] of times.entries()) {
    const fields: Record<string, Metric['fields'][string]> = {};
    let isEmpty = true;
    for (const { name, kind, values, present } of columns) {
      if (present?.[row] === 0) continue;
      isEmpty = false;
      const value = values[row] ?? 0;
      fields[name] = kind === 'boolean' ? value === 1 : value;
    }
    if (!isEmpty) yield { name: set.name, tags, fields, time };
  }
}
