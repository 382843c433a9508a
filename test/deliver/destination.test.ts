import { expect, test } from '@jest/globals';

import { noWrites } from '../../src/deliver/counters.ts';
import { Destination } from '../../src/deliver/destination.ts';
import { FailureLog } from '../../src/host/failure-log.ts';
import { LineBatch, type LineRange } from '../../src/metric/batch.ts';
import { RetryableError, type Output } from '../../src/plugin/index.ts';
import { manualClock } from '../../src/testing.ts';
import { outputEntry, runnerContext } from '../support/kit/runner.ts';

function opened() {
  const ranges: (LineRange | undefined)[] = [];
  const state = { isDown: false };
  const output: Output = {
    write: ({ range }) => {
      if (state.isDown) return Promise.reject(new RetryableError('down'));
      ranges.push(range);
      return Promise.resolve();
    },
  };
  const context = runnerContext(manualClock());
  const destination = new Destination(output, {
    entry: outputEntry(output, { filter: { only: { names: ['wanted'] } } }),
    context,
    counters: noWrites(),
    deadLetters: { add: () => Promise.resolve() },
    failures: new FailureLog(context.log, context.clock),
    signal: new AbortController().signal,
  });
  let next = 0;
  const batch = (...names: readonly string[]) => {
    const from = next;
    next += names.length;
    const lines = Buffer.from(names.map((name) => `${name} v=1i 1\n`).join(''));
    return new LineBatch(lines, names.length, { from, to: next });
  };
  return { destination, batch, ranges, state };
}

test('a batch that is written covers those before it of which nothing passed the filter', async () => {
  const { destination, batch, ranges, state } = opened();
  await destination.send(batch('other', 'wanted'));
  await destination.send(batch('other'));
  await destination.send(batch('other', 'other'));
  const last = batch('wanted');
  state.isDown = true;
  await expect(destination.send(last)).rejects.toThrow('down');
  state.isDown = false;
  await destination.send(last);
  await destination.send(batch('wanted'));
  expect(ranges).toEqual([
    { from: 0, to: 2 },
    { from: 2, to: 6 },
    { from: 6, to: 7 },
  ]);
});

test('lines from elsewhere in the journal are not covered', async () => {
  const { destination, batch, ranges } = opened();
  await destination.send(batch('other'));
  batch('wanted');
  await destination.send(batch('wanted'));
  expect(ranges).toEqual([{ from: 2, to: 3 }]);
});
