import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { isolateRefused } from '../../src/deliver/isolate.ts';
import { LineBatch } from '../../src/metric/batch.ts';
import { PartialWriteError, PermanentError, RetryableError, TooLargeError } from '../../src/plugin/errors.ts';

function batchOf(lines: readonly string[]): LineBatch {
  return new LineBatch(Buffer.from(lines.map((line) => `${line}\n`).join('')), lines.length);
}

const ALL = Array.from({ length: 5000 }, (_, index) => `m v=${index}`);

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

test('S-016: lines that are refused in part have their own reasons; equal reasons are one group', async () => {
  const reasons = ['too old', 'too large', 'too old'];
  const refusals = await isolateRefused(batchOf(['a v=1', 'b v=2', 'c v=3', 'd v=4']), () =>
    Promise.reject(new PartialWriteError('3 lines: too old', [0, 1, 3], { reasons })),
  );
  expect(refusals.map(({ lines, reason }) => [lines, reason.message])).toEqual([
    [['a v=1', 'd v=4'], 'too old'],
    [['b v=2'], 'too large'],
  ]);
});

test('every line is either stored or refused, and only bad ones are refused', async () => {
  const lines = fc.array(fc.boolean(), { minLength: 1, maxLength: 60, size: 'max' });
  await fc.assert(
    fc.asyncProperty(lines, fc.integer({ min: 1, max: 60 }), async (verdicts, largest) => {
      const all = verdicts.map((_, index) => `m v=${index}`);
      const bad = new Set(all.filter((_, index) => verdicts[index] === false));
      const { stored, write } = destination(bad, largest);
      const refused = (await isolateRefused(batchOf(all), write)).flatMap((refusal) => refusal.lines);
      expect(new Set(refused)).toEqual(bad);
      expect([...stored, ...refused].sort()).toEqual([...all].sort());
    }),
  );
});

describe('a destination that names one of the lines it refused, and stores the rest of that shard only', () => {
  const shardOf = (line: string) => Number(line.slice(4)) % 7;

  function shards(bad: ReadonlySet<string>) {
    const stored = new Set<string>();
    let writes = 0;
    const write = (batch: LineBatch) => {
      writes += 1;
      const lines = [...batch.texts()];
      const first = lines.find((line) => bad.has(line));
      for (const line of lines) {
        if (!bad.has(line) && (first === undefined || shardOf(line) !== shardOf(first) + 1)) stored.add(line);
      }
      if (first === undefined) return Promise.resolve();
      return Promise.reject(new PartialWriteError('one of them', [lines.indexOf(first)], { restIsStored: false }));
    };
    return { stored, write, writes: () => writes };
  }

  test('every line is either stored or refused', async () => {
    const verdicts = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(verdicts, async (isGood) => {
        const all = isGood.map((_, index) => `m v=${index}`);
        const bad = new Set(all.filter((_, index) => isGood[index] === false));
        const { stored, write } = shards(bad);
        const refused = (await isolateRefused(batchOf(all), write)).flatMap((refusal) => refusal.lines);
        expect(refused.toSorted()).toEqual([...bad].sort());
        expect([...stored, ...refused].sort()).toEqual(all.sort());
      }),
    );
  });

  test('one that refuses every line is not asked for each', async () => {
    const { write, writes } = shards(new Set(ALL));
    const refusals = await isolateRefused(batchOf(ALL), write);
    expect(writes()).toBe(100);
    expect(refusals.flatMap((refusal) => refusal.lines)).toEqual(ALL);
  });

  test('one that names none of them is halved', async () => {
    const write = (batch: LineBatch) =>
      [...batch.texts()].includes('m v=3')
        ? Promise.reject(new PartialWriteError('some of them', [], { restIsStored: false }))
        : Promise.resolve();
    const refusals = await isolateRefused(batchOf(ALL.slice(0, 9)), write);
    expect(refusals.flatMap((refusal) => refusal.lines)).toEqual(['m v=3']);
  });
});

test('one bad line among 5000 costs few writes', async () => {
  const all = Array.from({ length: 5000 }, (_, index) => `m v=${index}`);
  const { write, writes, stored } = destination(new Set(['m v=1234']));
  const refusals = await isolateRefused(batchOf(all), write);
  expect(refusals.map((refusal) => refusal.lines)).toEqual([['m v=1234']]);
  expect(stored.size).toBe(4999);
  expect(writes()).toBeLessThanOrEqual(27);
});

describe('hundreds of bad lines among 5000 are isolated, and all good ones arrive', () => {
  test.each([
    ['spread evenly', (index: number) => index % 16 === 3],
    ['all at the front', (index: number) => index < 500],
    ['all at the end', (index: number) => index >= 4500],
    ['in two blocks', (index: number) => index % 2500 < 200],
    ['every second one of a stretch', (index: number) => index < 1000 && index % 2 === 0],
    ['all but a tenth', (index: number) => index % 10 !== 7],
  ])('%s', async (_, isBad) => {
    const bad = new Set(ALL.filter((_line, index) => isBad(index)));
    const { write, stored } = destination(bad);
    const refusals = await isolateRefused(batchOf(ALL), write);
    expect(new Set(refusals.flatMap((refusal) => refusal.lines))).toEqual(bad);
    expect(stored.size).toBe(5000 - bad.size);
  });
});

describe('a destination that refuses everything is not asked for every line', () => {
  test.each([new PermanentError('no'), new TooLargeError('413')])('%s', async (error) => {
    let writes = 0;
    const refusals = await isolateRefused(batchOf(ALL), () => {
      writes += 1;
      return Promise.reject(error);
    });
    expect(writes).toBe(100);
    expect(refusals.flatMap((refusal) => refusal.lines)).toEqual(ALL);
    expect(refusals.every((refusal) => refusal.reason === error)).toBe(true);
  });
});

test('lines arrive in their order, as long as fewer than 50 refusals follow each other', async () => {
  const bad = new Set(ALL.filter((_, index) => index % 100 === 99));
  const { write, stored } = destination(bad);
  await isolateRefused(batchOf(ALL), write);
  expect([...stored]).toEqual(ALL.filter((line) => !bad.has(line)));
});

test('a failure while the destination is sampled is thrown, and nothing is settled', async () => {
  let writes = 0;
  const down = new RetryableError('503');
  const write = () => Promise.reject((writes += 1) > 60 ? down : new PermanentError('no'));
  await expect(isolateRefused(batchOf(ALL), write)).rejects.toBe(down);
});

test('lines named by a partial write are the refused ones', async () => {
  const refusals = await isolateRefused(batchOf(['a v=1', 'b v=2', 'c v=3']), () =>
    Promise.reject(new PartialWriteError('type conflict', [1])),
  );
  expect(refusals).toEqual([{ lines: ['b v=2'], reason: expect.objectContaining({ message: 'type conflict' }) }]);
});

test('a line too large even alone is refused', async () => {
  const refusals = await isolateRefused(batchOf(['a v=1', 'b v=2']), () => Promise.reject(new TooLargeError('413')));
  expect(refusals.flatMap((refusal) => refusal.lines)).toEqual(['a v=1', 'b v=2']);
});

describe('what is not a refusal is thrown, and nothing is settled', () => {
  test.each([new RetryableError('503', { retryAfterMs: 5000 }), new TypeError('fetch failed')])('%s', async (error) => {
    await expect(isolateRefused(batchOf(['a v=1']), () => Promise.reject(error))).rejects.toBe(error);
  });
});

test('an error class from another copy of the package is known by its name', async () => {
  const foreign = Object.assign(new Error('no'), { name: 'PermanentError' });
  const refusals = await isolateRefused(batchOf(['a v=1']), () => Promise.reject(foreign));
  expect(refusals).toHaveLength(1);
});
