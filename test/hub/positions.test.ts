import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  beginAgain,
  giveUp,
  isKnown,
  missingLines,
  newAccount,
  receive,
  type Account,
} from '../../src/hub/positions.ts';
import { NEW_COUNT } from '../../src/journal/record.ts';

const NOW = 1_000_000;

function account(...runs: readonly (readonly [number, number])[]): Account {
  const made = newAccount();
  for (const [from, to] of runs) receive(made, { from, to, size: to - from }, NOW);
  return made;
}

describe('the account of an agent’s lines', () => {
  test('begins with the first run: what was made before the host joined is not missing', () => {
    expect(account([500, 510])).toMatchObject({ to: 510, missing: [], received: 10, completeSince: NOW });
  });

  test('newer lines first, the older ones later: missing until they come', () => {
    const made = account([0, 10], [50, 60]);
    expect(missingLines(made)).toBe(40);
    receive(made, { from: 10, to: 30, size: 20 }, NOW + 1);
    expect(made.missing).toEqual([[30, 50]]);
    receive(made, { from: 30, to: 50, size: 20 }, NOW + 2);
    expect(made).toMatchObject({ missing: [], received: 60, lost: 0, completeSince: NOW + 2 });
  });

  test('a backlog from before the first run is new, and missing until all of it has come', () => {
    const made = account([500, 510]);
    expect(isKnown(made, { from: 100, to: 200, size: 100 })).toBe(false);
    receive(made, { from: 100, to: 200, size: 100 }, NOW + 1);
    expect(made).toMatchObject({ from: 100, to: 510, missing: [[200, 500]], received: 110 });
    receive(made, { from: 200, to: 500, size: 300 }, NOW + 2);
    expect(made).toMatchObject({ missing: [], received: 410, completeSince: NOW + 2 });
    expect(isKnown(made, { from: 100, to: 510, size: 410 })).toBe(true);
  });

  test('a run that comes twice counts once', () => {
    const made = account([0, 10], [10, 20]);
    expect(isKnown(made, { from: 5, to: 15, size: 10 })).toBe(true);
    receive(made, { from: 10, to: 20, size: 10 }, NOW);
    expect(made.received).toBe(20);
  });

  test('lines that a filter keeps from the hub are not missing', () => {
    const made = newAccount();
    receive(made, { from: 0, to: 100, size: 30 }, NOW);
    receive(made, { from: 100, to: 200, size: 0 }, NOW);
    expect(made).toMatchObject({ received: 30, missing: [], to: 200 });
  });

  test('what an agent with nothing left has not sent is lost, and the account begins to be complete then', () => {
    const made = account([0, 10], [50, 60]);
    expect(giveUp(made, NOW + 5)).toBe(40);
    expect(made).toMatchObject({ lost: 40, missing: [], completeSince: NOW + 5 });
    expect(giveUp(made, NOW + 6)).toBe(0);
  });

  test('after the loss of a journal the numbers go on elsewhere, and nothing counts as missing', () => {
    const made = account([0, 10]);
    receive(made, { from: NEW_COUNT * 3, to: NEW_COUNT * 3 + 5, size: 5 }, NOW);
    expect(made).toMatchObject({ missing: [], received: 15 });
    beginAgain(made);
    receive(made, { from: 7, to: 9, size: 2 }, NOW);
    expect(made).toMatchObject({ missing: [], received: 17, to: 9 });
  });

  test('gaps beyond the bound are joined, and claim too much rather than too little', () => {
    const made = account([0, 1]);
    for (let index = 1; index <= 300; index += 1) receive(made, { from: index * 10, to: index * 10 + 1, size: 1 }, NOW);
    expect(made.missing.length).toBeLessThanOrEqual(100);
    expect(missingLines(made)).toBeGreaterThanOrEqual(300 * 9);
  });

  test('property: in whatever order runs come, missing is what did not come', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(cuts, fc.infiniteStream(fc.nat()), (ends, order) => {
        const sorted = ends.toSorted((a, b) => a - b);
        const runs = sorted.map((to, index) => ({
          from: sorted[index - 1] ?? 0,
          to,
          size: to - (sorted[index - 1] ?? 0),
        }));
        const others = [...runs];
        const made = newAccount();
        const come = new Set<(typeof runs)[number]>();
        while (others.length > 0) {
          const [next] = others.splice((order.next().value as number) % others.length, 1);
          receive(made, next!, NOW);
          // Again, as after a lost answer.
          receive(made, next!, NOW);
          come.add(next!);
          const start = Math.min(...[...come].map(({ from }) => from));
          const end = Math.max(...[...come].map(({ to }) => to));
          const missing = runs.filter((run) => run.from >= start && run.to <= end && !come.has(run));
          expect(missingLines(made)).toBe(missing.reduce((sum, { size }) => sum + size, 0));
        }
        expect(made).toMatchObject({ missing: [], received: sorted.at(-1) });
      }),
    );
  });
});

test('a backlog from before the loss of a journal fills its gap, and the jump between the numbers is none', () => {
  const made = account([1, 10], [20, 30], [2 ** 40, 2 ** 40 + 10], [10, 20]);
  expect(missingLines(made)).toBe(0);
  expect(made.received).toBe(39);
});

test('a heartbeat that comes after later lines gives up none of those', () => {
  const account = newAccount();
  receive(account, { from: 1, to: 3, size: 2 }, 10);
  receive(account, { from: 5, to: 6, size: 1 }, 20);
  receive(account, { from: 8, to: 9, size: 1 }, 30);
  // When it said that nothing waits, line 5 was the next.
  expect(giveUp(account, 40, 5)).toBe(2);
  expect(account).toMatchObject({ lost: 2, missing: [[6, 8]], completeSince: 10 });
  expect(giveUp(account, 50, 7)).toBe(1);
  expect(account).toMatchObject({ lost: 3, missing: [[7, 8]] });
  receive(account, { from: 7, to: 8, size: 1 }, 60);
  expect(account).toMatchObject({ lost: 3, missing: [], completeSince: 60 });
});
