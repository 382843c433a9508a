import { execFileSync } from 'node:child_process';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { fitText, graphemesOf, graphemeWidth, padText, textWidth } from '../../../src/terminal/screen/width.ts';
import { testWith } from '../../support/servers/real-server.ts';

describe('the width of text', () => {
  test.each([
    ['abc', 3],
    ['磁盘', 4],
    ['ﾃﾞ', 1],
    ['e\u0301', 1],
    ['👍🏽', 2],
    ['🇩🇪', 2],
    ['☁\ufe0f', 2],
    ['각', 2],
    ['─┤⣿█', 4],
  ])('%s takes %d columns', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  test('a mark without a letter gets a space', () => {
    expect(graphemesOf('\u0301a')).toEqual([' \u0301', 'a']);
  });

  test('what is cut ends with an ellipsis, and never in the middle of a wide character', () => {
    expect(fitText('processes', 6)).toBe('proce…');
    expect(fitText('磁盘磁盘', 4)).toBe('磁…');
    expect(fitText('磁盘', 4)).toBe('磁盘');
    expect(fitText('磁', 1)).toBe('…');
    expect(fitText('abc', 0)).toBe('');
  });

  test('padding gives exactly the width, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        expect(textWidth(padText(text, width))).toBe(width);
        expect(textWidth(padText(text, width, 'right'))).toBe(width);
      }),
    );
  });

  const withPython = testWith({ binary: 'python3', package: 'python3' });
  withPython('wide characters are those of the Unicode database', async () => {
    const script = [
      'import unicodedata as u',
      "kinds = ['' if 0xd800 <= c < 0xe000 else u.category(chr(c)) for c in range(0x110000)]",
      "print(''.join('-' if k in ('', 'Cn', 'Co') else u.east_asian_width(chr(c))[0] for c, k in enumerate(kinds)))",
    ].join('\n');
    const widths = execFileSync('python3', ['-c', script], { encoding: 'utf8', maxBuffer: 4e6 });
    const wrong: string[] = [];
    for (let code = 0x20; code < 0x110000; code += 1) {
      const known = widths[code];
      // The variation selector has a meaning only after a character.
      if (known === '-' || code === 0xfe0f) continue;
      const character = String.fromCodePoint(code);
      // `F` and `W` are wide; python abbreviates Na, N, H and A to other letters.
      if ((graphemeWidth(character) === 2) !== (known === 'W' || known === 'F')) wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
    await Promise.resolve();
  });
});
