/** Keys and the mouse → changes of the state, and what the program is to do. */
import { parseDuration } from '../../core/duration.ts';
import type { KeyName, TerminalEvent } from '../screen/keys.ts';
import type { Problem } from '../source/problem.ts';

import type { Hit } from './hit.ts';
import type { Sort, TopState } from './state.ts';

export type Act =
  | { readonly kind: 'acknowledge'; readonly problem: Problem }
  | { readonly kind: 'silence'; readonly problem: Problem; readonly ms: number };

export type Effect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'redraw' }
  | { readonly kind: 'step'; readonly ms: number }
  | Act;

const SORT_KEYS: Readonly<Record<string, Sort>> = { c: 'cpu', m: 'memory', r: 'read', w: 'written' };

/** Rows that the wheel and the page keys move. */
const WHEEL_ROWS = 3;
const PAGE_ROWS = 10;

const LONGEST_INPUT = 60;

const SILENCE_DEFAULT = '1h';
const LONGEST_SILENCE_MS = 366 * 86_400_000;

/** @param hits what was drawn where, for the mouse */
export function handle(state: TopState, event: TerminalEvent, hits: readonly Hit[]): Effect | undefined {
  state.message = '';
  switch (event.kind) {
    case 'wheel':
      state.scroll = Math.max(0, state.scroll + event.by * WHEEL_ROWS);
      if (state.cursor?.list === 'processes') state.cursor = undefined;
      return undefined;
    case 'click':
      click(state, event, hits);
      return undefined;
    case 'key':
      return onKey(state, event.key);
    case 'text':
      if (state.prompt === undefined) return onLetter(state, event.text);
      type(state, event.text);
      return undefined;
  }
}

function click(state: TopState, { x, y }: { readonly x: number; readonly y: number }, hits: readonly Hit[]): void {
  const hit = hits.find(
    ({ area }) => x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height,
  );
  if (hit?.sort !== undefined) state.sort = hit.sort;
  if (hit?.cursor !== undefined) state.cursor = hit.cursor;
}

const ALWAYS: Partial<Record<KeyName, Effect>> = {
  interrupt: { kind: 'quit' },
  suspend: { kind: 'suspend' },
  redraw: { kind: 'redraw' },
};

function onKey(state: TopState, key: KeyName): Effect | undefined {
  const always = ALWAYS[key];
  if (always !== undefined) return always;
  if (state.prompt !== undefined) return onPromptKey(state, key);
  if (key === 'escape') dismiss(state);
  const rows = ROWS_OF[key];
  if (rows !== undefined) state.moveCursor(rows);
  if (key === 'right') return step(state, 1);
  if (key === 'left') return step(state, -1);
  return undefined;
}

const ROWS_OF: Partial<Record<KeyName, number>> = {
  up: -1,
  down: 1,
  pageup: -PAGE_ROWS,
  pagedown: PAGE_ROWS,
  home: -1e9,
  end: 1e9,
};

/** One thing at a time: help, then the filter, then the selection. */
function dismiss(state: TopState): void {
  if (state.showsHelp) state.showsHelp = false;
  else if (state.filter !== '') state.filter = '';
  else state.cursor = undefined;
}

function onLetter(state: TopState, letter: string): Effect | undefined {
  const sort = SORT_KEYS[letter];
  if (sort !== undefined) state.sort = sort;
  else if (/^[1-5]$/.test(letter)) {
    if (!state.hidden.delete(letter)) state.hidden.add(letter);
  } else return onCommand(state, letter);
  return undefined;
}

function onCommand(state: TopState, letter: string): Effect | undefined {
  switch (letter) {
    case 'q':
      return { kind: 'quit' };
    case 'j':
      state.moveCursor(1);
      return undefined;
    case 'k':
      state.moveCursor(-1);
      return undefined;
    case '/':
      state.prompt = { kind: 'filter', text: state.filter };
      return undefined;
    case 'p':
      state.isPaused = !state.isPaused && !state.source.isPast;
      return undefined;
    case '?':
      state.showsHelp = !state.showsHelp;
      return undefined;
    case 't':
      return step(state, 1);
    case 'T':
      return step(state, -1);
    case 'a':
    case 's':
      return onAct(state, letter);
    default:
      return undefined;
  }
}

function step({ facts, source }: TopState, by: 1 | -1): Effect | undefined {
  return source.isPast ? { kind: 'step', ms: by * facts.intervalMs } : undefined;
}

function onAct(state: TopState, letter: 'a' | 's'): Effect | undefined {
  const problem = state.selectedProblem();
  if (state.source.acts === undefined) state.message = 'No agent is attached, so there are no alerts to act on';
  else if (problem?.alert === undefined) state.message = 'Select an alert first, with the arrow keys';
  else if (letter === 'a') return { kind: 'acknowledge', problem };
  else state.prompt = { kind: 'silence', text: SILENCE_DEFAULT };
  return undefined;
}

function type(state: TopState, text: string): void {
  const { prompt } = state;
  if (prompt === undefined || prompt.text.length >= LONGEST_INPUT) return;
  edit(state, prompt.text + text);
}

/** A filter applies while it is typed. */
function edit(state: TopState, text: string): void {
  if (state.prompt === undefined) return;
  state.prompt = { ...state.prompt, text };
  if (state.prompt.kind === 'filter') state.filter = text;
}

function onPromptKey(state: TopState, key: KeyName): Effect | undefined {
  const { prompt } = state;
  if (prompt === undefined) return undefined;
  if (key === 'backspace') edit(state, Array.from(prompt.text).slice(0, -1).join(''));
  else if (key === 'escape') {
    edit(state, '');
    state.prompt = undefined;
  } else if (key === 'enter') {
    state.prompt = undefined;
    if (prompt.kind === 'silence') return silence(state, prompt.text);
  }
  return undefined;
}

function silence(state: TopState, text: string): Effect | undefined {
  const problem = state.selectedProblem();
  if (problem?.alert === undefined) {
    state.message = 'The alert has ended';
    return undefined;
  }
  try {
    const ms = parseDuration(text);
    if (ms > 0 && ms <= LONGEST_SILENCE_MS) return { kind: 'silence', problem, ms };
    state.message = 'A silence lasts from a moment to a year, such as 2h';
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    state.message = error.message;
  }
  return undefined;
}
