/** What the history knows, on disk and in memory, for questions. Read-only and synchronous. */
import type { Change, Changes, CounterOf, FieldOf, KnownField, KnownSet, Range, RangeAnswer } from './access.ts';
import type { QueryFunction } from './buckets.ts';
import { changeSpans, compare, counterTest, MAX_CHANGES } from './changes.ts';
import type { CorruptBlockError } from './codec/corrupt-block.ts';
import type { Head } from './head.ts';
import { typeOf, type KnownSets } from './known-sets.ts';
import { runQuery, type Query, type QueryAnswer } from './query.ts';
import { keyOf, type SeriesSet } from './series-set.ts';
import { SetSource } from './source.ts';
import { startOf, toMs } from './spans.ts';
import type { HistoryDatabase, StoredSet } from './store/database.ts';
import { usualBand, type Band } from './usual.ts';
import { ValueReader } from './value-reader.ts';

export interface HistoryViewOptions {
  readonly database: HistoryDatabase;
  readonly head: Head;
  readonly known: KnownSets;
  readonly onCorrupt: (error: CorruptBlockError) => void;
}

export class HistoryView {
  readonly #options: HistoryViewOptions;

  constructor(options: HistoryViewOptions) {
    this.#options = options;
  }

  sets(): readonly KnownSet[] {
    const { database, head } = this.#options;
    const stored = new Map(database.sets().map((set) => [keyOf(set), set]));
    const inHead = new Map(head.sets().map((set) => [keyOf(set), set]));
    const keys = new Set([...stored.keys(), ...inHead.keys()]);
    return [...keys].flatMap((key) => this.#knownSet(stored.get(key), inHead.get(key)) ?? []);
  }

  /** @throws RangeError for a range that is empty or has too many buckets */
  query(set: SeriesSet, query: Query): QueryAnswer {
    return runQuery(this.#sourceOf(set), query);
  }

  /** @throws RangeError for a range that is empty or has too many buckets */
  queryAll(fields: readonly FieldOf[], functions: readonly QueryFunction[], range: Range): RangeAnswer {
    const values: (readonly Float64Array[])[] = [];
    const bySet = new Map<string, number[]>();
    for (const [index, { set }] of fields.entries()) bySet.set(keyOf(set), [...(bySet.get(keyOf(set)) ?? []), index]);
    // Set by set: blocks are read once for all fields of a set, and those of one set are in memory at a time.
    for (const indices of bySet.values()) {
      let source: SetSource | undefined;
      for (const index of indices) {
        const { set, field } = fields[index] as FieldOf;
        source ??= this.#sourceOf(set);
        values[index] = runQuery(source, { field, functions, ...range }).values;
      }
    }
    return { from: startOf(range.from, range.step), step: range.step, values };
  }

  /** Ranks all fields by how much they differ. @param before start of the earlier range, ms */
  changes(range: Pick<Range, 'from' | 'to'>, before: number, counters: readonly CounterOf[], host = ''): Changes {
    const spans = changeSpans(range, before);
    const isCounter = counterTest(counters);
    const found: Change[] = [];
    let compared = 0;
    for (const { set, fields } of this.sets()) {
      if (set.host !== host) continue;
      const reader = new ValueReader(this.#sourceOf(set));
      for (const { name, type } of fields) {
        if (type === 'string') continue;
        const of = { set, field: name };
        const change = compare(of, reader, spans, isCounter(set.name, name));
        if (change !== undefined) compared += 1;
        if (change !== undefined && change.score > 0) found.push(change);
      }
    }
    return { compared, changes: found.sort((a, b) => b.score - a.score).slice(0, MAX_CHANGES) };
  }

  usual({ set, field }: FieldOf, range: Pick<Range, 'from' | 'to'>, isRate: boolean): Band {
    return usualBand(new ValueReader(this.#sourceOf(set)), field, range, isRate);
  }

  #sourceOf(set: SeriesSet): SetSource {
    const { database, head, onCorrupt } = this.#options;
    return new SetSource({ database, set: database.findSet(set), head: head.hoursOf(set), onCorrupt });
  }

  #knownSet(stored: StoredSet | undefined, inHead: SeriesSet | undefined): KnownSet | undefined {
    const { database, head, known } = this.#options;
    const of = stored ?? inHead;
    if (of === undefined) return undefined;
    const fields = new Map<string, KnownField['type']>();
    let lastAt = 0;
    if (stored !== undefined) {
      const before = known.of(database, stored.id);
      for (const [name, type] of before.fields) fields.set(name, type);
      lastAt = before.lastAt;
    }
    for (const { columns, lastTime } of inHead === undefined ? [] : head.shapesOf(inHead)) {
      for (const { name, kind } of columns) fields.set(name, typeOf(kind));
      lastAt = Math.max(lastAt, toMs(lastTime));
    }
    const { host, name, tags } = of;
    return { set: { host, name, tags }, fields: [...fields].map(([each, type]) => ({ name: each, type })), lastAt };
  }
}
