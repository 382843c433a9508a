import { expect, test } from '@jest/globals';

import { createTurns } from '../../src/gather/turns.ts';
import { settle } from '../support/kit/settle.ts';

/** Each piece of work takes so many milliseconds. */
function turnsOf(cost: number) {
  let elapsed = 0;
  const takeTurn = createTurns(() => elapsed);
  const done: string[] = [];
  const take = (name: string, then?: () => void) => {
    takeTurn(() => {
      elapsed += cost;
      done.push(name);
      then?.();
    });
  };
  return { done, take };
}

test('short work shares a turn of the event loop, in order', async () => {
  const { done, take } = turnsOf(0.5);
  for (const name of ['a', 'b', 'c']) take(name);
  expect(done).toEqual([]);
  await settle(1);
  expect(done).toEqual(['a', 'b', 'c']);
});

test('a turn that has taken long gives way', async () => {
  const { done, take } = turnsOf(1.5);
  for (const name of ['a', 'b', 'c']) take(name);
  await settle(1);
  expect(done).toEqual(['a', 'b']);
  await settle(1);
  expect(done).toEqual(['a', 'b', 'c']);
});

test('work that queues more work comes before it', async () => {
  const { done, take } = turnsOf(0);
  take('a', () => {
    take('c');
  });
  take('b');
  await settle(1);
  expect(done).toEqual(['a', 'b', 'c']);
});
