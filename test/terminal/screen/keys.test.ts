import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { KeyReader, type TerminalEvent } from '../../../src/terminal/screen/keys.ts';

const bytes = (text: string) => Buffer.from(text);

function read(...chunks: readonly (string | Uint8Array)[]): readonly TerminalEvent[] {
  const reader = new KeyReader();
  const events = chunks.flatMap((chunk) => reader.read(typeof chunk === 'string' ? bytes(chunk) : chunk));
  return [...events, ...reader.flush()];
}

const text = (...letters: readonly string[]) => letters.map((letter) => ({ kind: 'text', text: letter }));
const key = (name: string) => ({ kind: 'key', key: name });

describe('keys', () => {
  test('letters, in any script', () => {
    expect(read('qж磁👍')).toEqual(text('q', 'ж', '磁', '👍'));
  });

  test('a character may arrive in two pieces', () => {
    const [first, ...rest] = bytes('ж');
    expect(read(Buffer.from([first!]), Buffer.from(rest))).toEqual(text('ж'));
  });

  test.each([
    ['\x1b[A', 'up'],
    ['\x1bOB', 'down'],
    ['\x1b[1;5C', 'right'],
    ['\x1b[D', 'left'],
    ['\x1b[5~', 'pageup'],
    ['\x1b[6;2~', 'pagedown'],
    ['\x1b[H', 'home'],
    ['\x1b[4~', 'end'],
    ['\r', 'enter'],
    ['\x7f', 'backspace'],
    ['\x03', 'interrupt'],
    ['\x1b', 'escape'],
  ])('%j is %s', (sent, name) => {
    expect(read(sent)).toEqual([key(name)]);
  });

  test('a sequence in two pieces is one key; an escape alone is one once nothing follows', () => {
    const reader = new KeyReader();
    expect(reader.read(bytes('\x1b'))).toEqual([]);
    expect(reader.isWaiting).toBe(true);
    expect(reader.read(bytes('[A'))).toEqual([key('up')]);
    expect(reader.isWaiting).toBe(false);
    expect(reader.read(bytes('\x1b'))).toEqual([]);
    expect(reader.flush()).toEqual([key('escape')]);
  });

  test('unknown sequences, answers of the terminal and Alt are taken without a trace', () => {
    expect(read('\x1b[?1;2c\x1b]11;rgb:0000/0000/0000\x07\x1bP1$r0m\x1b\\\x1bxq')).toEqual(text('q'));
  });

  test('a sequence that breaks off loses no letter after it', () => {
    expect(read('\x1b[12\rq')).toEqual([key('enter'), ...text('q')]);
  });

  test('the mouse: clicks and the wheel, with cells from 0; releases and motion are ignored', () => {
    expect(read('\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<64;1;1M\x1b[<65;3;2M\x1b[<35;3;2M\x1b[<2;3;2M')).toEqual([
      { kind: 'click', x: 9, y: 4 },
      { kind: 'wheel', x: 0, y: 0, by: -1 },
      { kind: 'wheel', x: 2, y: 1, by: 1 },
    ]);
  });

  test('whatever is sent, and however it is cut: the same events, and little is kept', () => {
    const sent = fc
      .array(
        fc.oneof(
          fc.constantFrom('\x1b', '\x1b[', '\x1bO', '\x1b[<', ';', 'M', 'm', '~', '0', '\x07', '\x1b\\', '\x1b]'),
          fc.string({ unit: 'binary', maxLength: 3 }),
        ),
        { maxLength: 40 },
      )
      .map((parts) => bytes(parts.join('')));
    fc.assert(
      fc.property(sent, fc.integer({ min: 1, max: 5 }), (whole, size) => {
        const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
          whole.subarray(index * size, (index + 1) * size),
        );
        const inOne = read(whole);
        // What is dropped for its length depends on what else is there.
        if (whole.length <= 60) expect(read(...pieces)).toEqual(inOne);
      }),
    );
  });

  test('a sequence without an end is dropped, and keys work again', () => {
    const reader = new KeyReader();
    for (let index = 0; index < 1000; index += 1) reader.read(bytes('\x1b]0;'.padEnd(50, 'x')));
    reader.flush();
    expect(reader.read(bytes('q'))).toEqual(text('q'));
  });
});
