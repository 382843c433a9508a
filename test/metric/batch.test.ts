import { gunzipSync } from 'node:zlib';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { LineBatch } from '../../src/metric/batch.ts';
import { formatLine } from '../../src/metric/line-protocol.ts';
import { packLines, type PackedLines } from '../../src/metric/packed-lines.ts';

import { anyMetric } from './line-protocol/arbitraries.ts';

/** Lines with quotes, spaces, backslashes and newlines wherever line protocol allows them. */
const anyLines = fc.array(anyMetric.map(formatLine), { maxLength: 12 });

function batchOf(lines: readonly string[]): LineBatch {
  return new LineBatch(Buffer.from(lines.map((line) => `${line}\n`).join('')), lines.length);
}

/** The same lines in groups of the given sizes. */
async function packedBatch(lines: readonly string[], groupSize: number): Promise<LineBatch> {
  const groups: PackedLines[] = [];
  for (let from = 0; from < lines.length; from += groupSize) {
    const group = lines.slice(from, from + groupSize);
    groups.push({ ...(await packLines(batchOf(group).lines, group.length)), lines: undefined });
  }
  return LineBatch.ofPacked(groups);
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('a batch', () => {
  test('is split at the ends of lines, not at newlines inside strings', () => {
    fc.assert(
      fc.property(anyLines, (lines) => {
        expect([...batchOf(lines).texts()]).toEqual(lines);
      }),
    );
  });

  test('has slices between any two positions', () => {
    fc.assert(
      fc.property(anyLines, fc.nat(12), fc.nat(12), (lines, a, b) => {
        const [start, end] = [Math.min(a, b, lines.length), Math.min(Math.max(a, b), lines.length)];
        const part = batchOf(lines).slice(start, end);
        expect([...part.texts()]).toEqual(lines.slice(start, end));
        expect(part.size).toBe(end - start);
        expect(part.lines).toHaveLength(batchOf(lines.slice(start, end)).lines.length);
      }),
    );
  });

  test('has slices of slices', () => {
    const batch = batchOf(['a v=1', 'b s="x\ny"', 'c v=3', 'd v=4', 'e v=5']);
    expect([...batch.slice(1, 4).slice(1, 3).texts()]).toEqual(['c v=3', 'd v=4']);
    expect([...batch.slice(0, 2).slice(1, 2).texts()]).toEqual(['b s="x\ny"']);
  });

  test('has a head of as many lines as the limits allow, at least one', () => {
    fc.assert(
      fc.property(anyLines, fc.integer({ min: 1, max: 13 }), fc.nat(500), (lines, most, bytes) => {
        const head = batchOf(lines).head({ lines: most, bytes });
        expect([...head.texts()]).toEqual(lines.slice(0, head.size));
        const fits = (size: number) => size <= most && batchOf(lines.slice(0, size)).lines.length <= bytes;
        expect(head.size <= 1 || fits(head.size)).toBe(true);
        expect(head.size === lines.length || (head.size > 0 && !fits(head.size + 1))).toBe(true);
      }),
    );
  });

  test('has a head that one more line would make too large', () => {
    const batch = batchOf(['a v=1', 'b s="x\ny"', 'c v=3']);
    expect([...batch.head({ lines: 10, bytes: 16 }).texts()]).toEqual(['a v=1', 'b s="x\ny"']);
    expect([...batch.head({ lines: 10, bytes: 15 }).texts()]).toEqual(['a v=1']);
    expect([...batch.head({ lines: 10, bytes: 1 }).texts()]).toEqual(['a v=1']);
    expect([...batch.head({ lines: 2, bytes: 1000 }).texts()]).toEqual(['a v=1', 'b s="x\ny"']);
  });

  test('of many lines is split in linear time', () => {
    const size = 100_000;
    const batch = new LineBatch(Buffer.from('cpu,host=a usage=1.5 1700000000000000000\n'.repeat(size)), size);
    const started = performance.now();
    expect(batch.slice(size - 1, size).lines).toHaveLength(41);
    expect([...batch.texts()]).toHaveLength(size);
    // Some 100 ms; by the square it would be half a minute.
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('is compressed once', async () => {
    const batch = batchOf(['m v=1', 'm v=2']);
    expect(batch.gzip()).toBe(batch.gzip());
    expect(gunzipSync(await batch.gzip()).toString()).toBe('m v=1\nm v=2\n');
    expect(gunzipSync(await batch.slice(1, 2).gzip()).toString()).toBe('m v=2\n');
  });

  test('without a line is a gzip stream too', async () => {
    expect(gunzipSync(await batchOf([]).gzip())).toHaveLength(0);
    expect(gunzipSync(await LineBatch.ofPacked([]).gzip())).toHaveLength(0);
    expect([...LineBatch.ofPacked([]).texts()]).toEqual([]);
  });

  test('gives its lines as metrics', () => {
    const [first, second] = [...batchOf(['m,a=b v=1i 5', 's t="x\ny" 6']).metrics()];
    expect(first).toMatchObject({ name: 'm', tags: { a: 'b' }, fields: { v: 1n }, time: 5n });
    expect(second).toMatchObject({ name: 's', fields: { t: 'x\ny' }, time: 6n });
  });
});

describe('a batch of compressed groups', () => {
  test('equals a batch of their lines in every respect', async () => {
    await fc.assert(
      fc.asyncProperty(anyLines, fc.integer({ min: 1, max: 5 }), async (lines, groupSize) => {
        const [plain, packed] = [batchOf(lines), await packedBatch(lines, groupSize)];
        expect(packed.size).toBe(plain.size);
        expect(text(gunzipSync(await packed.gzip()))).toBe(text(plain.lines));
        expect(text(packed.lines)).toBe(text(plain.lines));
        const half = lines.length >> 1;
        expect([...packed.slice(half, lines.length).texts()]).toEqual(lines.slice(half));
      }),
    );
  });

  test('is unpacked once, on the first access to its lines', async () => {
    const damaged = { size: 1, bytes: 6, crc32: 0, fragment: Uint8Array.of(1, 2, 3) };
    const broken = LineBatch.ofPacked([damaged]);
    await expect(broken.gzip()).resolves.toBeDefined();
    expect(() => broken.lines).toThrow();
    const batch = await packedBatch(['m v=1', 'm v=2', 'm v=3'], 2);
    expect(batch.lines).toBe(batch.lines);
  });

  test('uses lines that are still in memory without unpacking them', async () => {
    const lines = Buffer.from('m v=1\n');
    const packed = await packLines(lines, 1);
    expect(text(LineBatch.ofPacked([{ ...packed, fragment: Uint8Array.of(0) }]).lines)).toBe('m v=1\n');
  });
});
