import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { Canvas } from '../../../src/terminal/screen/canvas.ts';
import { textWidth } from '../../../src/terminal/screen/width.ts';
import { drawTop } from '../../../src/terminal/top/draw.ts';
import { TopState } from '../../../src/terminal/top/state.ts';

import { processOf, sampleState } from './sample-state.ts';

function screen(state: TopState, width = 80, height = 24, isUnicode = true): readonly string[] {
  const canvas = new Canvas(width, height);
  drawTop(canvas, state, { isUnicode });
  return canvas.rows();
}

describe('the screen', () => {
  test('at 80 × 24 it says what is wrong first, and shows all boxes and processes', () => {
    const rows = screen(sampleState());
    expect(rows[0]).toMatch(/^db-fra1-07 {2}up 3 d 4 h {2}load 0\.42 0\.36 0\.30 .*every 2 s {2}03:24:11$/);
    expect(rows[1]).toBe('◆ /var is 96 % full, limit 95 %; 4 GiB are free.');
    const all = rows.join('\n');
    for (const title of ['1 cpu 38 %', '2 memory', '3 disks', '4 network', '5 containers', 'processes'])
      expect(all).toContain(title);
    expect(all).toContain('r 1 MiB/s');
    expect(all).toContain('↓ 2 KiB/s');
    expect(rows.findLast((row) => /^ +\d+ /.test(row))).toContain('postgres');
    expect(rows.at(-1)).toMatch(/^q quit {2}\? help {2}p pause/);
  });

  test('at 200 × 60 there is room for temperatures and users', () => {
    const all = screen(sampleState(), 200, 60).join('\n');
    for (const text of ['5 temperatures', 'coretemp_package', '61 °C', 'backup', '3 GiB', 'user 20 %  system 18 %'])
      expect(all).toContain(text);
  });

  test('bind mounts, squashfs, partitions and loop devices are left out', () => {
    const all = screen(sampleState(), 200, 60).join('\n');
    expect(all).not.toMatch(/bind|snap|vda1|loop1/);
  });

  test('before the first sample it says that it collects', () => {
    const facts = { hostname: 'web1', intervalMs: 1000, isInteractive: true };
    const rows = screen(new TopState(facts, { origin: 'no agent', isPast: false, hasFindings: false }));
    expect(rows[1]).toBe('✓ Collecting. Rates begin with the second sample.');
  });

  test('when nothing is wrong it says how much was checked', () => {
    const state = sampleState({ hasFindings: true });
    state.setProblems({ list: [], fine: 46 });
    expect(screen(state)[1]).toBe('✓ Nothing is wrong. 46 checks passed.');
  });

  test('many problems take a quarter of the screen, and the rest is counted', () => {
    const state = sampleState({ hasFindings: true });
    const list = Array.from({ length: 20 }, (_, index) => ({
      id: String(index),
      level: 'warning' as const,
      text: `Problem ${index}.`,
      evidence: '',
      since: undefined,
    }));
    state.setProblems({ list, fine: 0 });
    const rows = screen(state);
    expect(rows.slice(1, 6)).toEqual([0, 1, 2, 3].map((index) => `▲ Problem ${index}.`).concat('  16 more'));
    for (let index = 0; index < 20; index += 1) state.moveCursor(1);
    expect(screen(state).slice(1, 6).join()).toContain('▲ Problem 19.');
  });

  test('names from outside are made printable', () => {
    const state = sampleState();
    state.frame = { at: 0, total: 1, processes: [processOf(1, 'a\x1b]0;evil\x07')] };
    const all = screen(state).join('\n');
    expect(all).toContain('a\\x1b]0;evil');

    expect(all).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  });

  test('any size: every row fits, and in ASCII there is nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 220 }), fc.integer({ min: 1, max: 70 }), (width, height) => {
        for (const isUnicode of [true, false]) {
          const rows = screen(sampleState(), width, height, isUnicode);
          expect(Math.max(...rows.map(textWidth))).toBeLessThanOrEqual(width);
          if (!isUnicode) expect(rows.join('').replace(/[…–°]/g, '')).toMatch(/^[\x20-\x7e]*$/);
        }
      }),
      { numRuns: 60 },
    );
  });
});
