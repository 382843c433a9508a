import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { Canvas } from '../../../src/terminal/screen/canvas.ts';
import { changesBetween } from '../../../src/terminal/screen/changes.ts';
import { COLOURS } from '../../../src/terminal/screen/colours.ts';
import { Pen, style } from '../../../src/terminal/screen/style.ts';
import { FakeScreen } from '../../support/fakes/screen.ts';

const [WIDTH, HEIGHT] = [20, 4];
const pen = new Pen('true', 'dark');

interface Write {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly colour: number;
}

function canvasOf(writes: readonly Write[]): Canvas {
  const canvas = new Canvas(WIDTH, HEIGHT);
  for (const { x, y, text, colour } of writes) canvas.text(x, y, text, style(COLOURS[colour]!));
  return canvas;
}

const writes = fc.array(
  fc.record({
    x: fc.integer({ min: -3, max: WIDTH + 2 }),
    y: fc.integer({ min: -1, max: HEIGHT }),
    text: fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('a', '磁', '👍', 'e\u0301', ' ', '█', '\x1b') })),
    colour: fc.nat(COLOURS.length - 1),
  }),
  { maxLength: 12 },
);

describe('a frame', () => {
  test('a terminal that shows one canvas and gets the changes shows the next one', () => {
    fc.assert(
      fc.property(fc.array(writes, { minLength: 1, maxLength: 4 }), (frames) => {
        const screen = new FakeScreen(WIDTH, HEIGHT);
        let shown: Canvas | undefined;
        for (const frame of frames) {
          const next = canvasOf(frame);
          screen.write(changesBetween(shown, next, pen));
          shown = next;
          expect(screen.rows()).toEqual(next.rows());
          expect(screen.pens()).toEqual(Array.from(next.styles, (of) => pen.set(of)));
        }
      }),
    );
  });

  test('nothing is written if nothing changed, and little for one cell', () => {
    const before = canvasOf([{ x: 0, y: 0, text: 'load 0.42', colour: 1 }]);
    expect(changesBetween(before, canvasOf([{ x: 0, y: 0, text: 'load 0.42', colour: 1 }]), pen)).toBe('');
    const after = canvasOf([{ x: 0, y: 0, text: 'load 0.43', colour: 1 }]);
    expect(changesBetween(before, after, pen)).toBe(`\x1b[1;9H${pen.set(style('ink2'))}3\x1b[0m`);
  });

  test('text from outside cannot reach the terminal as a sequence', () => {
    const canvas = new Canvas(40, 1);
    canvas.text(0, 0, 'a\x1b[2Jb\u202ec\nd', style('ink'));
    expect(canvas.rows()).toEqual(['a\\x1b[2Jb\\u{202e}c\\nd']);
  });

  test('half of a wide character does not stay', () => {
    const canvas = new Canvas(6, 1);
    canvas.text(0, 0, '磁盘', style('ink'));
    canvas.text(1, 0, 'x', style('ink'));
    expect(canvas.rows()).toEqual([' x盘']);
    canvas.text(2, 0, 'y', style('ink'));
    expect(canvas.rows()).toEqual([' xy']);
  });
});

describe('styles', () => {
  const [crit, plain] = [style('crit', { bold: true }), style('ink')];

  test.each([
    ['true', '\x1b[0;1;38;2;255;117;102m'],
    ['256', '\x1b[0;1;38;5;209m'],
    ['16', '\x1b[0;1;91m'],
    ['none', '\x1b[0;1m'],
  ] as const)('with %s colours', (depth, expected) => {
    const of = new Pen(depth, 'dark');
    expect(of.set(crit)).toBe(expected);
    expect(of.set(plain)).toBe('\x1b[0m');
  });
});
