import { describe, expect, test } from '@jest/globals';

import { Canvas } from '../../../src/terminal/screen/canvas.ts';
import { KeyReader } from '../../../src/terminal/screen/keys.ts';
import type { Acts } from '../../../src/terminal/source/source.ts';
import { drawTop } from '../../../src/terminal/top/draw.ts';
import { handle, type Effect } from '../../../src/terminal/top/handle.ts';
import type { TopState } from '../../../src/terminal/top/state.ts';

import { sampleState } from './sample-state.ts';

/** Types as on a terminal of 120 × 40. @returns what the last key asks for */
function type(state: TopState, keys: string): Effect | undefined {
  const reader = new KeyReader();
  const canvas = new Canvas(120, 40);
  let effect: Effect | undefined;
  for (const event of [...reader.read(Buffer.from(keys)), ...reader.flush()]) {
    effect = handle(state, event, drawTop(canvas, state, { isUnicode: true }));
  }
  return effect;
}

const names = (state: TopState) => state.processes().map(({ name }) => name);

const acts: Acts = { acknowledge: () => Promise.resolve(''), silence: () => Promise.resolve('') };

describe('keys of healthd top', () => {
  test('c, m, r and w sort', () => {
    const state = sampleState();
    expect(names(state)).toEqual(['gzip', 'rsync', 'postgres']);
    type(state, 'm');
    expect(names(state)[0]).toBe('postgres');
    type(state, 'w');
    expect(names(state)[0]).toBe('rsync');
    type(state, 'r');
    expect(names(state)[0]).toBe('gzip');
  });

  test('a click on the head of a column sorts, a click on a row selects it', () => {
    const state = sampleState();
    const canvas = new Canvas(120, 40);
    drawTop(canvas, state, { isUnicode: true });
    const row = canvas.rows().findIndex((text) => text.includes('MEMORY'));
    const column = canvas.rows()[row]!.indexOf('MEMORY');
    type(state, `\x1b[<0;${column + 1};${row + 1}M`);
    expect(names(state)[0]).toBe('postgres');
    type(state, `\x1b[<0;5;${row + 3}M`);
    expect(state.cursor).toEqual({ list: 'processes', index: 1 });
  });

  test('/ filters while it is typed; Enter keeps it, Escape clears it', () => {
    const state = sampleState();
    type(state, '/back');
    expect(names(state)).toEqual(['rsync']);
    type(state, 'x');
    expect(names(state)).toEqual([]);
    type(state, '\x7f\r');
    expect([state.prompt, state.filter]).toEqual([undefined, 'back']);
    type(state, '\x1b');
    expect(names(state)).toHaveLength(3);
  });

  test('keys are text while a filter is typed', () => {
    const state = sampleState();
    expect(type(state, '/q')).toBeUndefined();
    expect(state.filter).toBe('q');
    expect(type(state, '\x03')).toEqual({ kind: 'quit' });
  });

  test('the cursor walks from the problems to the processes and stays at the ends', () => {
    const state = sampleState();
    type(state, 'j');
    expect(state.cursor).toEqual({ list: 'problems', index: 0 });
    type(state, 'jjjjjj');
    expect(state.cursor).toEqual({ list: 'processes', index: 2 });
    type(state, 'kkkkkkk');
    expect(state.cursor).toEqual({ list: 'problems', index: 0 });
  });

  test('digits hide boxes and show them again', () => {
    const state = sampleState();
    const canvas = new Canvas(120, 40);
    const text = () => {
      canvas.clear();
      drawTop(canvas, state, { isUnicode: true });
      return canvas.rows().join('\n');
    };
    type(state, '13');
    expect(text()).not.toMatch(/1 cpu|3 disks/);
    type(state, '1');
    expect(text()).toContain('1 cpu');
  });

  test('q and Ctrl-C quit, Ctrl-Z suspends, ? explains', () => {
    const state = sampleState();
    expect([type(state, 'q'), type(state, '\x03'), type(state, '\x1a')]).toEqual([
      { kind: 'quit' },
      { kind: 'quit' },
      { kind: 'suspend' },
    ]);
    type(state, '?');
    expect(state.showsHelp).toBe(true);
  });

  test('t and T step in time, in the past only', () => {
    expect(type(sampleState(), 't')).toBeUndefined();
    const past = sampleState({ isPast: true });
    expect([type(past, 't'), type(past, 'T')]).toEqual([
      { kind: 'step', ms: 2000 },
      { kind: 'step', ms: -2000 },
    ]);
  });
});

describe('alerts', () => {
  function attached(): TopState {
    const state = sampleState({ hasFindings: true, acts });
    const alert = { fingerprint: '41a7', rule: 'disk_space' };
    const problem = { id: '1', level: 'critical', text: '/var is full.', evidence: '', since: 0, alert } as const;
    state.setProblems({ list: [problem], fine: 3 });
    return state;
  }

  test('a acknowledges the selected one, s silences it for a time', () => {
    const state = attached();
    expect(type(state, 'ja')).toMatchObject({ kind: 'acknowledge', problem: { id: '1' } });
    expect(type(state, 's\r')).toMatchObject({ kind: 'silence', ms: 3_600_000 });
    expect(type(state, 's\x7f\x7f30m\r')).toMatchObject({ kind: 'silence', ms: 1_800_000 });
  });

  test('a wrong duration, nothing selected and no agent each say so', () => {
    const state = attached();
    expect(type(state, 'a')).toBeUndefined();
    expect(state.message).toContain('Select an alert first');
    expect(type(state, 'jsx\r')).toBeUndefined();
    expect(state.message).toContain('"1hx" is not a duration');
    const alone = sampleState();
    type(alone, 'ja');
    expect(alone.message).toContain('No agent is attached');
  });

  test('an alert that ends while the duration is typed is not silenced', () => {
    const state = attached();
    type(state, 'js');
    state.setProblems({ list: [], fine: 4 });
    expect(type(state, '\r')).toBeUndefined();
    expect(state.message).toBe('The alert has ended');
  });
});
