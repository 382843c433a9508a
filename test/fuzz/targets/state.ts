/** Files of the state directory, which a crash, a full disk or a person may have damaged. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import { parseLetters, formatLetters } from '../../../src/deliver/letters.ts';
import { Block, encodeBlock } from '../../../src/history/codec/block.ts';
import type { Samples } from '../../../src/history/samples.ts';
import { readCursorFile } from '../../../src/journal/cursor-file.ts';
import { encodeRecord, findRecord, HEADER_BYTES, type FoundRecord } from '../../../src/journal/record.ts';
import { measureSegment, scanRecords } from '../../../src/journal/segment-file.ts';
import { scanLines, SeriesIndex } from '../../../src/metric/line-protocol.ts';
import { packLines, unpackLines, type PackedLines } from '../../../src/metric/packed-lines.ts';
import { parseName } from '../../../src/outputs/sftp/file-names.ts';
import { target, type Target } from '../target.ts';

import { EXAMPLES as LINES } from './lines.ts';

const SEGMENT = Buffer.concat(
  LINES.flatMap((text, index) => {
    const packed = packLines(Buffer.from(text), index + 1) as PackedLines;
    return encodeRecord({ first: 10 * index, time: 1_700_000_000_000, packed });
  }),
);

function recordsIn(bytes: Buffer, isAll: boolean): readonly FoundRecord[] {
  const records: FoundRecord[] = [];
  let search = findRecord(bytes, 0, isAll);
  for (; search.found !== undefined; search = findRecord(bytes, search.found.end, isAll)) records.push(search.found);
  ok(search.needs > 0);
  ok(search.resume <= bytes.length);
  return records;
}

function checkRecords(records: readonly FoundRecord[], { length }: Buffer): void {
  let before = 0;
  for (const { start, end, first, packed } of records) {
    ok(start >= before);
    equal(end, start + HEADER_BYTES + packed.fragment.length);
    ok(Number.isSafeInteger(first + packed.size));
    before = end;
  }
  ok(before <= length);
}

/** Makes every checksum right, so that what is behind them is tested too. */
function withChecksums(bytes: Buffer): Buffer {
  for (let at = bytes.indexOf('HDJ1'); at !== -1; at = bytes.indexOf('HDJ1', at + 1)) {
    const payload = at + HEADER_BYTES;
    if (payload > bytes.length) break;
    const length = bytes.readUInt32LE(at + 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(payload, payload + length)), at + 12);
    bytes.writeUInt32LE(crc32(bytes.subarray(at + 8, payload)), at + 4);
  }
  return bytes;
}

const ROWS = 40;

/** Columns of all kinds and of several encodings. */
const BLOCK = Buffer.from(
  encodeBlock({
    times: BigInt64Array.from({ length: ROWS }, (_, row) => 1_700_000_000_000_000_000n + BigInt(row) * 10_000_000_000n),
    columns: [
      {
        name: 'usage',
        kind: 'float',
        values: Float64Array.from({ length: ROWS }, (_, row) => (row * 7) / 10),
        present: undefined,
      },
      {
        name: 'total',
        kind: 'integer',
        values: BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(row * row)),
        present: undefined,
      },
      {
        name: 'up',
        kind: 'boolean',
        values: Uint8Array.from({ length: ROWS }, (_, row) => row % 2),
        present: undefined,
      },
      {
        name: 'state',
        kind: 'text',
        values: Array.from({ length: ROWS }, (_, row) => `s${row % 3}`),
        present: undefined,
      },
    ],
  }),
);

/** Behind the checksum, which every change breaks. */
function readBlock(bytes: Buffer): Samples {
  if (bytes.length > 5) bytes.writeUInt32LE(crc32(bytes.subarray(5)), 1);
  return new Block(bytes).samples();
}

function unpacked(record: FoundRecord): Uint8Array | undefined {
  try {
    return unpackLines(record.packed);
  } catch (error) {
    // Damaged, which zlib or the checksum says.
    if ((error as Error).name === 'TypeError' || /call stack/.test((error as Error).message)) throw error;
    return undefined;
  }
}

/** `<generation> <position> <from> <to> <saved>` with the checksum of a slot. */
function slot(numbers: string): string {
  const text = `healthd-cursor 1 ${numbers}`.padEnd(118);
  return `${text} ${crc32(text).toString(16).padStart(8, '0')}\n`;
}

const LETTERS = [
  '# 2026-01-31T12:00:00.000Z output=influxdb lines=2 reason="field type conflict"\ncpu,host=a v="98" 1\nmail text="one\ntwo" 1\n',
  '# 2026-01-31T12:00:00.000Z output=a lines=1 reason="b \\"c\\""\nx s="\n# 2026-01-31T12:00:00.000Z output=z lines=1 reason=\\"\\"\n" 1\nlate v=1 # 2026-01-31T12:00:01.000Z output=à lines=1 reason="é"\ny v=1\n',
];

const folder = mkdtempSync(join(tmpdir(), 'healthd-fuzz-'));

function written(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

export const STATE: readonly Target[] = [
  target('history: blocks', {
    share: 2,
    examples: [BLOCK],
    parse: readBlock,
    throws: ['CorruptBlockError'],
    holds({ times, columns }) {
      for (const { values } of columns) equal(values.length, times.length);
    },
  }),
  target('journal: records', {
    share: 2,
    examples: [SEGMENT],
    parse: (input) => recordsIn(input, input.length % 2 === 0),
    holds: checkRecords,
  }),
  target('journal: records with right checksums', {
    share: 1,
    examples: [SEGMENT],
    parse: (input) => recordsIn(withChecksums(input), true).map((record) => ({ record, lines: unpacked(record) })),
    holds(found, input) {
      checkRecords(
        found.map(({ record }) => record),
        input,
      );
      for (const { record, lines } of found) if (lines !== undefined) equal(lines.length, record.packed.bytes);
    },
  }),
  target('journal: segment file', {
    share: 0.2,
    examples: [SEGMENT],
    async parse(input) {
      const path = written('segment', input);
      const records: FoundRecord[] = [];
      for await (const record of scanRecords(path)) records.push(record);
      return { records, extent: await measureSegment(path) };
    },
    holds({ records, extent }, input) {
      deepEqual(
        records.map(({ start }) => start),
        recordsIn(input, true).map(({ start }) => start),
      );
      equal(extent.bytes, records.at(-1)?.end ?? 0);
    },
  }),
  target('journal: cursor file', {
    share: 0.2,
    examples: [slot('7 1000 10 20 1700000000000') + slot('8 1001 10 20 1700000000001'), slot('1 2 0 0 3'), ''],
    longest: 2000,
    parse: (input) => readCursorFile(written('cursor', input)),
    holds(saved) {
      ok(Object.values(saved ?? {}).every((each) => Number.isSafeInteger(each) && each >= 0));
    },
  }),
  target('dead letters', {
    share: 2,
    examples: LETTERS,
    parse: parseLetters,
    holds({ groups }) {
      for (const { lines, size } of groups) {
        let count = 0;
        scanLines(lines, new SeriesIndex(() => undefined), () => (count += 1));
        equal(count, size);
      }
      deepEqual(parseLetters(formatLetters(groups)), { groups, unfinished: 0 });
    },
  }),
  target('sftp: names of spooled files', {
    share: 0.3,
    examples: [
      'healthd-web-1-20250601T120000000Z-0123456789abcdef.lp.gz',
      'healthd-a-20250601T120000000Z-0123456789abcdef.csv.part',
    ],
    longest: 5000,
    parse: (input) => parseName(input.toString()),
    holds(name) {
      if (name !== undefined) match(name.hash, /^[0-9a-f]{16}$/);
    },
  }),
];
