import { expect, test } from '@jest/globals';

import { Tail, TailRecord } from '../../src/journal/tail.ts';

const MiB = 1024 * 1024;

function record(first: number, bytes = 100): TailRecord {
  return new TailRecord(first, Buffer.alloc(bytes, 'm v=1\n'), 10, 0);
}

test('readers at the same position share compressed lines', async () => {
  for (const each of [record(0), record(0, 200_000)]) {
    await each.packed();
    const [a, b] = [await each.packed(), await each.packed()];
    expect(a.packed.fragment).toBe(b.packed.fragment);
    expect(a.packed.lines).toBe(b.packed.lines);
    expect(a.packed.lines).toBeDefined();
  }
});

test('only the newest MiB is also kept uncompressed', async () => {
  const tail = new Tail();
  const records = Array.from({ length: 20 }, (_, index) => record(index * 10, MiB / 8));
  for (const each of records) {
    tail.push(each);
    await each.packed();
  }
  const hot = await Promise.all(records.map(async (each) => (await each.packed()).packed.lines !== undefined));
  expect(hot).toEqual(records.map((_, index) => index >= 12));
  expect(tail.isOldestCold).toBe(true);
  for (let left = 20; left > 8; left -= 1) tail.shift();
  expect(tail.isOldestCold).toBe(false);
  expect(tail.oldest).toBe(records[12]);
});

test('a record in memory costs little more than its compressed lines', async () => {
  const large = record(0, MiB);
  expect(large.cost).toBeGreaterThan(MiB);
  await large.packed();
  const { fragment } = (await large.packed()).packed;
  expect(large.cost).toBe(fragment.length + 256);
  expect(fragment.buffer.byteLength).toBe(fragment.length);
  expect(record(0).cost).toBeLessThan(400);
});

test('`from` returns the records that end after a position', () => {
  const tail = new Tail();
  const records = Array.from({ length: 5 }, (_, index) => record(index * 10));
  for (const each of records) tail.push(each);
  expect(tail.from(0)).toEqual(records);
  expect(tail.from(10)).toEqual(records.slice(1));
  expect(tail.from(19)).toEqual(records.slice(1));
  expect(tail.from(49)).toEqual(records.slice(4));
  expect(tail.from(50)).toEqual([]);
});

test('`unstored` returns the oldest records up to a size, at least one', () => {
  const tail = new Tail();
  const records = Array.from({ length: 5 }, (_, index) => record(index * 10, 1000));
  for (const each of records) tail.push(each);
  records[0]!.place = { base: 0, offset: 0 };
  expect(tail.unstored(2500)).toEqual(records.slice(1, 3));
  expect(tail.unstored(1)).toEqual(records.slice(1, 2));
  expect(tail.unstored(1e9)).toEqual(records.slice(1));
  for (const each of records) each.place = { base: 0, offset: 0 };
  expect([tail.unstored(1e9), tail.unstoredCost]).toEqual([[], 0]);
});
