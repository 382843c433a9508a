import { describe, expect, test } from '@jest/globals';

import { colourDepth, drawsUnicode, groundOf } from '../../../src/terminal/screen/colours.ts';

describe('what a terminal can show', () => {
  test.each([
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 'true'],
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '1' }, 'none'],
    [{ TERM: 'xterm-256color', NO_COLOR: '' }, '256'],
    [{ TERM: 'xterm-direct' }, 'true'],
    [{ TERM: 'screen-256color' }, '256'],
    [{ TERM: 'xterm' }, '16'],
    [{ TERM: 'linux' }, '16'],
    [{ TERM: 'vt220' }, 'none'],
    [{ TERM: 'dumb' }, 'none'],
  ] as const)('%j has %s colours', (environment, depth) => {
    expect(colourDepth(environment)).toBe(depth);
  });

  test.each([
    [{ LANG: 'en_GB.UTF-8' }, true],
    [{ LANG: 'en_GB.UTF-8', LC_ALL: 'C' }, false],
    [{ LC_CTYPE: 'C.utf8', LANG: 'C' }, true],
    [{ LANG: 'en_GB.UTF-8', TERM: 'linux' }, false],
    [{}, false],
  ] as const)('%j draws braille: %s', (environment, expected) => {
    expect(drawsUnicode(environment)).toBe(expected);
  });

  test('the ground, where the terminal tells it', () => {
    expect([groundOf({}), groundOf({ COLORFGBG: '0;15' }), groundOf({ COLORFGBG: '15;default;0' })]).toEqual([
      'dark',
      'light',
      'dark',
    ]);
  });
});
