import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { deliver } from '../../src/agent/delivery.ts';
import { LineBatch } from '../../src/core/batch.ts';
import { PartialWriteError, PermanentError, RetryableError, TooLargeError } from '../../src/core/errors.ts';

function batchOf(lines: readonly string[]): LineBatch {
  return new LineBatch(Buffer.from(lines.map((line) => `${line}\n`).join('')), lines.length);
}

/** A destination that refuses a whole request when one of these lines is in it. */
function destination(bad: ReadonlySet<string>, largest = Number.POSITIVE_INFINITY) {
  const stored = new Set<string>();
  let writes = 0;
  return {
    stored,
    writes: () => writes,
    write: (batch: LineBatch) => {
      writes += 1;
      const lines = [...batch.texts()];
      if (lines.length > largest) return Promise.reject(new TooLargeError('too large'));
      if (lines.some((line) => bad.has(line))) return Promise.reject(new PermanentError('bad line'));
      for (const line of lines) stored.add(line);
      return Promise.resolve();
    },
  };
}

test('every line is either stored or refused, and only bad ones are refused', async () => {
  const lines = fc.array(fc.boolean(), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(lines, fc.integer({ min: 1, max: 60 }), async (verdicts, largest) => {
      const all = verdicts.map((_, index) => `m v=${index}`);
      const bad = new Set(all.filter((_, index) => verdicts[index] === false));
      const { stored, write } = destination(bad, largest);
      const refused = (await deliver(batchOf(all), write)).flatMap((refusal) => refusal.lines);
      expect(new Set(refused)).toEqual(bad);
      expect([...stored, ...refused].sort()).toEqual([...all].sort());
    }),
  );
});

test('one bad line among 5000 costs few writes', async () => {
  const all = Array.from({ length: 5000 }, (_, index) => `m v=${index}`);
  const { write, writes, stored } = destination(new Set(['m v=1234']));
  const refusals = await deliver(batchOf(all), write);
  expect(refusals.map((refusal) => refusal.lines)).toEqual([['m v=1234']]);
  expect(stored.size).toBe(4999);
  expect(writes()).toBeLessThanOrEqual(27);
});

test('a destination that refuses everything is not asked for every line', async () => {
  const all = Array.from({ length: 5000 }, (_, index) => `m v=${index}`);
  const { write, writes } = destination(new Set(all));
  const refusals = await deliver(batchOf(all), write);
  expect(refusals.flatMap((refusal) => refusal.lines)).toHaveLength(5000);
  expect(writes()).toBeLessThan(400);
});

test('lines named by a partial write are the refused ones', async () => {
  const refusals = await deliver(batchOf(['a v=1', 'b v=2', 'c v=3']), () =>
    Promise.reject(new PartialWriteError('type conflict', [1])),
  );
  expect(refusals).toEqual([{ lines: ['b v=2'], reason: expect.objectContaining({ message: 'type conflict' }) }]);
});

test('a line too large even alone is refused', async () => {
  const refusals = await deliver(batchOf(['a v=1', 'b v=2']), () => Promise.reject(new TooLargeError('413')));
  expect(refusals.flatMap((refusal) => refusal.lines)).toEqual(['a v=1', 'b v=2']);
});

describe('what is not a refusal is thrown, and nothing is settled', () => {
  test.each([new RetryableError('503', { retryAfterMs: 5000 }), new TypeError('fetch failed')])('%s', async (error) => {
    await expect(deliver(batchOf(['a v=1']), () => Promise.reject(error))).rejects.toBe(error);
  });
});

test('an error class from another copy of the package is known by its name', async () => {
  const foreign = Object.assign(new Error('no'), { name: 'PermanentError' });
  const refusals = await deliver(batchOf(['a v=1']), () => Promise.reject(foreign));
  expect(refusals).toHaveLength(1);
});
