import { expect, test } from '@jest/globals';

import { FailureLog } from '../../src/host/failure-log.ts';
import { manualClock, silentLog } from '../../src/testing.ts';

function open() {
  const clock = manualClock();
  const lines: string[] = [];
  const say = (message: string) => lines.push(message);
  return { failures: new FailureLog({ ...silentLog, warn: say, info: say }, clock), lines, clock };
}

test('a failure that repeats is logged once, with a reminder, and its end with how long it took', () => {
  const { failures, lines, clock } = open();
  for (let port = 1; port <= 150; port += 1) failures.failed('Write failed', new Error(`refused at port ${port}`));
  expect(lines).toEqual(['Write failed: refused at port 1', 'Write failed: refused at port 100']);
  expect(failures.failing).toBe(true);
  clock.advance(90_000);
  failures.succeeded('Writing works');
  failures.succeeded('Writing works');
  expect(lines.slice(2)).toEqual(['Writing works again after 1m30s']);
  expect(failures.failing).toBe(false);
  failures.failed('Write failed', new Error('refused at port 1'));
  expect(lines).toHaveLength(4);
});

test('failures that take turns are each logged once', () => {
  const { failures, lines } = open();
  for (let round = 0; round < 10; round += 1) {
    failures.failed('Gather failed', new Error('a is late'));
    failures.failed('Gather failed', new Error('b is gone'));
  }
  expect(lines).toEqual(['Gather failed: a is late', 'Gather failed: b is gone']);
});

test('texts that are different each time do not pile up', () => {
  const { failures, lines } = open();
  const texts = Array.from({ length: 50 }, (_, index) => 'x'.repeat(index + 1));
  for (const text of texts) failures.failed('Gather failed', new Error(text));
  expect(lines).toHaveLength(50);
  failures.failed('Gather failed', new Error('x'));
  expect(lines).toHaveLength(51);
});
