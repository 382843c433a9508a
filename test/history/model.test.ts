import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { systemClock } from '../../src/core/clock.ts';
import { atOnce } from '../../src/core/turns.ts';
import { FUNCTIONS, type QueryFunction } from '../../src/history/buckets.ts';
import { History } from '../../src/history/history.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/history/spans.ts';
import { recordingLog } from '../support/kit/recording-log.ts';

const START = 500_000 * HOUR_MS;
const SPAN = 3 * HOUR_MS;
const SET = { host: '', name: 'cpu', tags: Object.freeze({ cpu: 'cpu0' }) };

/** Seconds since the start; a few collide. */
const point = fc.record({
  second: fc.oneof(
    fc.nat(SPAN / 1000 - 1),
    fc.nat(40).map((n) => n * 250),
  ),
  // Multiples of a quarter: their sums are exact whatever the order.
  value: fc.oneof(
    fc.integer({ min: -4000, max: 4000 }).map((n) => n / 4),
    fc.integer({ min: 0, max: 100 }).map(BigInt),
    fc.boolean(),
  ),
});
const step = fc.oneof(
  { weight: 6, arbitrary: fc.array(point, { minLength: 1, maxLength: 40 }).map((points) => ({ points })) },
  { weight: 2, arbitrary: fc.constantFrom(0, HOUR_MS, 2 * HOUR_MS, Infinity).map((seal) => ({ seal })) },
  // In any hour, also one that is not stored yet: what is stored later is rolled up then.
  { weight: 2, arbitrary: fc.constantFrom(HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS).map((before) => ({ before })) },
  { weight: 1, arbitrary: fc.constant({ reopen: true } as const) },
);

function answerOf(points: ReadonlyMap<number, number>, fn: QueryFunction, length: number): number[] {
  const ordered = [...points].sort(([a], [b]) => a - b);
  return Array.from({ length: SPAN / length }, (_, index) => {
    const inside = ordered
      .filter(([second]) => Math.floor((second * 1000) / length) === index)
      .map(([, value]) => value);
    if (inside.length === 0) return NaN;
    if (fn === 'mean') return inside.reduce((sum, value) => sum + value, 0) / inside.length;
    if (fn === 'last') return inside.at(-1)!;
    return fn === 'min' ? Math.min(...inside) : Math.max(...inside);
  });
}

describe('late, doubled and unordered points', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'healthd-history-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('give at every resolution, from memory, blocks, headers and roll-ups, what the last writes give', () => {
    let run = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const path = join(folder, `${(run += 1)}.db`);
        const open = () => new History({ path, clock: systemClock, log: recordingLog() });
        let history = open();
        const expected = new Map<number, number>();
        for (const each of steps) {
          if ('points' in each) {
            for (const { second, value } of each.points) {
              const time = BigInt(START + second * 1000) * 1_000_000n;
              history.add({ name: SET.name, tags: SET.tags, fields: { busy: value, other: 'x' }, time });
              expected.set(second, Number(value));
            }
          } else if ('seal' in each) {
            atOnce(history.seal((hour) => hour < START + each.seal));
          } else if ('before' in each) {
            atOnce(history.rollUp(START + each.before));
          } else {
            atOnce(history.seal());
            history.close();
            history = open();
          }
        }
        for (const length of [1000 * 30, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS]) {
          for (const fn of FUNCTIONS) {
            if (fn === 'rate') continue;
            const query = { field: 'busy', from: START, to: START + SPAN, step: length, functions: [fn] };
            expect(Array.from(history.read((view) => view.query(SET, query)).values[0]!)).toEqual(
              answerOf(expected, fn, length),
            );
          }
        }
        history.close();
      }),
      { numRuns: 20 },
    );
  });
});
