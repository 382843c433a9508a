import { expect, test } from '@jest/globals';

import { createTurns } from '../../src/gather/turns.ts';
import { settle } from '../support/kit/settle.ts';

test('work is done in order, one piece in each turn of the event loop', async () => {
  const takeTurn = createTurns();
  const done: string[] = [];
  for (const name of ['a', 'b', 'c']) takeTurn(() => done.push(name));
  expect(done).toEqual([]);
  await settle(1);
  expect(done).toEqual(['a']);
  await settle(1);
  expect(done).toEqual(['a', 'b']);
  await settle(2);
  expect(done).toEqual(['a', 'b', 'c']);
});

test('work that queues more work does not hold up the turn', async () => {
  const takeTurn = createTurns();
  const done: string[] = [];
  takeTurn(() => {
    done.push('a');
    takeTurn(() => done.push('b'));
  });
  await settle(1);
  expect(done).toEqual(['a']);
  await settle(2);
  expect(done).toEqual(['a', 'b']);
});
