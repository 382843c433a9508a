import { expect, test } from '@jest/globals';

import { LoopWatch } from '../../../src/host/watchdog/loop-watch.ts';

/** Of `+` for an answered and `-` for an unanswered tick. */
function actions(answers: string) {
  const watch = new LoopWatch({ warnAfter: 2, endAfter: 4 });
  return Array.from(answers)
    .map((answer) => watch.tick(answer === '+'))
    .join(' ');
}

test('a loop that answers is asked again', () => {
  expect(actions('+++')).toBe('ask ask ask');
});

test('one missing answer, as after a suspend, is nothing', () => {
  expect(actions('+-+-+')).toBe('ask wait ask wait ask');
});

test('a loop that does not answer is warned about once and ended once', () => {
  expect(actions('+-----')).toBe('ask wait warn wait end wait');
});

test('an answer after the warning is a recovery, and the count starts again', () => {
  expect(actions('+--+--')).toBe('ask wait warn recovered wait warn');
});
