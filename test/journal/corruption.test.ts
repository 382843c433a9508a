/**
 * Damaged segments. Whatever happens to their bytes, readers get a subsequence of what was written, without duplicates; no
 * intact record is lost; and missing lines are counted.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { packLines, unpackLines } from '../../src/metric/packed-lines.ts';
import { encodeRecord, endOf, findRecord, type FoundRecord } from '../../src/journal/record.ts';
import { manualClock } from '../../src/testing.ts';

import { ALL, append, drain, endSegment, JournalKit, numbered, segmentsIn, serials, stored } from './journal-kit.ts';

const kit = new JournalKit();
afterAll(() => kit.clear());

/** Lines per record, for each segment. */
const SIZES = [
  [1, 7, 200, 3, 50, 1, 1, 120],
  [30, 2, 199, 4, 4, 90],
  [5, 5, 5, 200, 1, 1],
  [64, 1, 180, 33, 2, 9, 9],
];

interface WrittenRecord {
  readonly first: number;
  readonly size: number;
  /** Offset in its segment. */
  readonly start: number;
  readonly end: number;
  /** Its lines. */
  readonly text: string;
}

interface WrittenSegment {
  readonly bytes: Buffer;
  readonly records: readonly WrittenRecord[];
}

/** Kinds of damage. Positions are fractions of the length, so that they stay valid after other damage. */
const anyPart = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const anyLength = fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 9, max: 600 }));
const anyBlow = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('flip'), at: anyPart, mask: fc.integer({ min: 1, max: 255 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('zero'), at: anyPart, length: anyLength }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut'), at: anyPart, length: anyLength }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('double'), at: anyPart, length: anyLength }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate'), at: anyPart }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('append'), garbage: fc.uint8Array({ minLength: 1, maxLength: 200 }) }),
  },
);
type Blow =
  | { readonly kind: 'flip'; readonly at: number; readonly mask: number }
  | { readonly kind: 'zero' | 'cut' | 'double'; readonly at: number; readonly length: number }
  | { readonly kind: 'truncate'; readonly at: number }
  | { readonly kind: 'append'; readonly garbage: Uint8Array };

const anyBlows = fc.array<Blow>(anyBlow, { minLength: 1, maxLength: 4 });

/** Bytes with their origin. */
class Damaged {
  bytes: Buffer;
  /** For each byte the offset at which it was written; -1 if it was never written. */
  #origins: Int32Array;
  /** For each written byte: whether it is missing, changed or no longer follows its predecessor. */
  readonly #isTouched: Uint8Array;
  /** Offsets of records: an insertion before one damages nothing. */
  readonly #starts: ReadonlySet<number>;

  constructor({ bytes, records }: WrittenSegment) {
    this.bytes = Buffer.from(bytes);
    this.#origins = Int32Array.from(bytes.keys());
    this.#isTouched = new Uint8Array(bytes.length);
    this.#starts = new Set(records.map(({ start }) => start));
  }

  isWhole({ start, end }: WrittenRecord): boolean {
    return this.#isTouched.subarray(start, end).every((touched) => touched === 0);
  }

  suffer(blow: Blow): void {
    if (blow.kind === 'append') {
      this.#splice(this.bytes.length, 0, blow.garbage);
      return;
    }
    if (this.bytes.length === 0) return;
    const at = Math.floor(blow.at * this.bytes.length);
    if (blow.kind === 'flip') {
      this.#touch(at, at + 1);
      this.bytes[at]! ^= blow.mask;
    } else if (blow.kind === 'truncate') this.#splice(at, this.bytes.length - at);
    else if (blow.kind === 'cut') this.#splice(at, blow.length);
    else if (blow.kind === 'zero') {
      this.#touch(at, at + blow.length);
      this.bytes.subarray(at, at + blow.length).fill(0);
    } else this.#double(at, Math.min(this.bytes.length, at + blow.length));
  }

  #double(from: number, to: number): void {
    const [bytes, origins] = [Buffer.from(this.bytes.subarray(from, to)), this.#origins.slice(from, to)];
    this.#splice(to, 0, bytes);
    this.#origins.set(origins, to);
  }

  #splice(at: number, removed: number, inserted: Uint8Array = new Uint8Array()): void {
    this.#touch(at, at + removed);
    if (at > 0) this.#tear(at);
    const parts = [this.bytes.subarray(0, at), inserted, this.bytes.subarray(at + removed)];
    this.bytes = Buffer.concat(parts);
    const origins = new Int32Array(this.bytes.length).fill(-1);
    origins.set(this.#origins.subarray(0, at));
    origins.set(this.#origins.subarray(at + removed), at + inserted.length);
    this.#origins = origins;
  }

  #touch(from: number, to: number): void {
    for (const origin of this.#origins.subarray(from, to)) if (origin >= 0) this.#isTouched[origin] = 1;
  }

  /** A byte that no longer follows the same byte is torn, unless a record starts with it. */
  #tear(at: number): void {
    const [before = -1, behind = -1] = [this.#origins[at - 1], this.#origins[at]];
    if (before < 0 || behind !== before + 1) return;
    if (!this.#starts.has(behind)) this.#isTouched[behind] = 1;
  }
}

function textOf(first: number, size: number): string {
  return numbered(first, size)
    .map((line) => `${line}\n`)
    .join('');
}

function write(sizes: readonly number[], from: number): WrittenSegment {
  const parts: Uint8Array[] = [];
  const records: WrittenRecord[] = [];
  let [first, start] = [from, 0];
  for (const size of sizes) {
    const text = textOf(first, size);
    const packed = packLines(Buffer.from(text), size);
    if ('then' in packed) throw new Error('A small group is packed at once');
    const encoded = Buffer.concat(encodeRecord({ first, time: 1_700_000_000_000 + first, packed }));
    parts.push(encoded);
    records.push({ first, size, start, end: start + encoded.length, text });
    first += size;
    start += encoded.length;
  }
  return { bytes: Buffer.concat(parts), records };
}

/** All records as a reader accepts them: those that start before the end of the previous one are duplicates. */
function read(bytes: Buffer): FoundRecord[] {
  const found: FoundRecord[] = [];
  for (let search = findRecord(bytes, 0, true); search.found !== undefined;) {
    if (search.found.first >= endOf(found.at(-1) ?? search.found) || found.length === 0) found.push(search.found);
    search = findRecord(bytes, search.found.end, true);
  }
  return found;
}

/** Problems of what is read from the bytes. Plain comparisons instead of expect, because there are many. */
function faults(segment: WrittenSegment, bytes: Buffer, isWhole: (record: WrittenRecord) => boolean): string[] {
  const found = new Map(read(bytes).map((record) => [record.first, record]));
  const written = new Map(segment.records.map((record) => [record.first, record]));
  const invented = [...found.values()].filter(({ first, packed }) => {
    const { size, text } = written.get(first) ?? {};
    return size !== packed.size || Buffer.from(unpackLines(packed)).toString() !== text;
  });
  const missing = segment.records.filter((record) => isWhole(record) && !found.has(record.first));
  return [
    ...invented.map(({ first }) => `the record ${first} was never written`),
    ...missing.map(({ first }) => `the record ${first} is missing`),
  ];
}

describe('records of a damaged segment', () => {
  test('exactly the intact ones are found, after 10 000 random damages', () => {
    const segments = SIZES.map((sizes, index) => write(sizes, index * 10_000));
    fc.assert(
      fc.property(fc.nat(SIZES.length - 1), anyBlows, (index, blows) => {
        const segment = segments[index]!;
        const damaged = new Damaged(segment);
        for (const blow of blows) damaged.suffer(blow);
        expect(faults(segment, damaged.bytes, (record) => damaged.isWhole(record))).toEqual([]);
      }),
      { numRuns: 10_000 },
    );
  }, 120_000);

  const small = write([3, 1, 2], 500);
  const touches = (at: number) => (record: WrittenRecord) => record.start > at || record.end <= at;

  test('the intact ones are found, whichever bit is flipped', () => {
    for (let bit = 0; bit < small.bytes.length * 8; bit += 1) {
      const bytes = Buffer.from(small.bytes);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const wrong = faults(small, bytes, touches(bit >> 3));
      if (wrong.length > 0 || read(bytes).length !== 2) expect({ bit, wrong, found: read(bytes) }).toBeUndefined();
    }
  });

  test('the intact ones are found, whichever byte is zeroed or removed', () => {
    for (let at = 0; at < small.bytes.length; at += 1) {
      const zeroed = Buffer.from(small.bytes);
      zeroed[at] = 0;
      expect(faults(small, zeroed, touches(at))).toEqual([]);
      const short = Buffer.concat([small.bytes.subarray(0, at), small.bytes.subarray(at + 1)]);
      expect(faults(small, short, touches(at))).toEqual([]);
    }
  });

  test('the intact ones are found, wherever the segment is truncated', () => {
    for (let at = 0; at <= small.bytes.length; at += 1) {
      const bytes = small.bytes.subarray(0, at);
      expect(faults(small, bytes, (record) => record.end <= at)).toEqual([]);
      expect(read(bytes)).toHaveLength(small.records.filter((record) => record.end <= at).length);
    }
  });

  test('are found after any garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (garbage) => {
        expect(read(Buffer.concat([garbage, small.bytes])).map(({ first }) => first)).toEqual([500, 503, 504]);
        expect(
          read(Buffer.concat([Buffer.from('HDJ1HDJ1HDJ1'), garbage, small.bytes])).map(({ first }) => first),
        ).toEqual([500, 503, 504]);
      }),
      { numRuns: 500 },
    );
  });

  test('are not found in garbage', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(Buffer.from('HDJ1')), fc.uint8Array({ maxLength: 100 }))), (parts) => {
        expect(read(Buffer.concat(parts))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a journal with damaged segments', () => {
  let pristine: string;
  let segments: readonly WrittenSegment[];
  const total = SIZES.flat().reduce((sum, size) => sum + size, 0);

  beforeAll(async () => {
    pristine = join(kit.folder(), 'journal');
    const clock = manualClock();
    const journal = await kit.open(pristine, { clock });
    journal.reader('held');
    let next = 0;
    for (const sizes of SIZES) {
      for (const size of sizes) {
        append(journal, ...numbered(next, size));
        await stored(journal);
        next += size;
      }
      await endSegment(clock);
    }
    await kit.close(journal);
    segments = segmentsIn(pristine).map((name, index) => {
      const bytes = readFileSync(join(pristine, name));
      const records: WrittenRecord[] = [];
      for (
        let search = findRecord(bytes, 0);
        search.found !== undefined;
        search = findRecord(bytes, search.found.end)
      ) {
        const { first, start, end, packed } = search.found;
        records.push({ first, size: packed.size, start, end, text: textOf(first, packed.size) });
      }
      expect(records.map(({ size }) => size)).toEqual(SIZES[index]);
      return { bytes, records };
    });
    expect(segments).toHaveLength(SIZES.length);
  });

  /** Opens a copy with segments of these bytes, and checks what readers get. */
  async function checkJournal(contents: readonly Buffer[], isWhole: (index: number, record: WrittenRecord) => boolean) {
    const directory = join(kit.folder(), 'journal');
    cpSync(pristine, directory, { recursive: true, filter: (source) => !source.endsWith('.seg') });
    mkdirSync(directory, { recursive: true });
    for (const [index, name] of segmentsIn(pristine).entries()) writeFileSync(join(directory, name), contents[index]!);
    const journal = await kit.open(directory);
    const end = journal.next;
    const [reader, held] = [journal.reader('new', 'beginning'), journal.reader('held')];
    append(journal, 'm v=1000000');
    const got = serials(await drain(reader));
    expect(got.pop()).toBe(1_000_000);
    const whole = segments.flatMap(({ records }, index) => records.filter((record) => isWhole(index, record)));
    const mustBeThere = whole.flatMap(({ first, size }) => serials(numbered(first, size)));
    const there = new Set(got);
    expect(mustBeThere.filter((serial) => !there.has(serial))).toEqual([]);
    // A subsequence of what was written, without duplicates: each line holds its number.
    expect(got.every((serial, index) => serial > (got[index - 1] ?? -1) && serial < total)).toBe(true);
    expect(end).toBeGreaterThan(got.at(-1) ?? -1);
    expect(end).toBeLessThanOrEqual(total);
    expect(journal.status.isDegraded).toBe(false);
    if (there.size > 0 || end > 0) expect(reader.lostLines + got.length).toBe(end - (journal.store?.first ?? 0));
    expect(reader.pendingLines).toBe(0);
    expect(held.pendingLines).toBe(end + 1);
    await held.peek(ALL);
    await kit.discard(journal, directory);
  }

  test('H-026, H-027: returns intact records and counts missing lines, after 250 random damages', async () => {
    const anyDamage = fc.uniqueArray(fc.record({ segment: fc.nat(SIZES.length - 1), blows: anyBlows }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ segment }) => segment,
    });
    await fc.assert(
      fc.asyncProperty(anyDamage, async (damages) => {
        const damaged = segments.map((segment) => new Damaged(segment));
        for (const { segment, blows } of damages) for (const blow of blows) damaged[segment]!.suffer(blow);
        await checkJournal(
          damaged.map(({ bytes }) => bytes),
          (index, record) => damaged[index]!.isWhole(record),
        );
      }),
      { numRuns: 250 },
    );
  }, 120_000);

  test('opens, wherever the last segment is truncated', async () => {
    const last = segments.length - 1;
    const { bytes } = segments[last]!;
    for (let at = 0; at <= bytes.length; at += at > bytes.length - 70 ? 1 : 13) {
      const contents = segments.map((segment, index) => (index === last ? bytes.subarray(0, at) : segment.bytes));
      await checkJournal(contents, (index, record) => index < last || record.end <= at);
    }
  }, 60_000);

  test('returns the records after a large hole', async () => {
    const hole = Buffer.alloc(3 * 1024 * 1024);
    const contents = segments.map(({ bytes, records }) => {
      const [at, cut] = [records[2]!.start, records[1]!.start + 20];
      return Buffer.concat([bytes.subarray(0, cut), hole, bytes.subarray(at)]);
    });
    await checkJournal(contents, (index, record) => record !== segments[index]!.records[1]);
  });

  test('never reuses a line number if its end is a copy of an older record', async () => {
    const last = segments.at(-1)!;
    const [first] = last.records;
    const copy = last.bytes.subarray(first!.start, first!.end);
    const contents = [...segments.slice(0, -1).map(({ bytes }) => bytes), Buffer.concat([last.bytes, copy])];
    await checkJournal(contents, () => true);
  });

  test('opens if all segments are empty', async () => {
    await checkJournal(
      segments.map(() => Buffer.alloc(0)),
      () => false,
    );
  });
});
