/** Runs `healthd top` on a terminal until its user quits, or prints one screen. */
import type { ReadStream, WriteStream } from 'node:tty';

import type { Clock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Theme } from '../draw/theme.ts';
import { Canvas } from '../screen/canvas.ts';
import type { TerminalEvent } from '../screen/keys.ts';
import { Session } from '../screen/session.ts';
import type { Pen } from '../screen/style.ts';
import type { SourceListener, TopSource } from '../source/source.ts';

import { drawTop } from './draw.ts';
import { handle, type Act, type Effect } from './handle.ts';
import type { Hit } from './hit.ts';
import { TopState, type Facts } from './state.ts';

export interface TopOptions {
  readonly source: TopSource;
  readonly facts: Facts;
  readonly theme: Theme;
  readonly clock: Clock;
}

export interface ScreenOptions extends TopOptions {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream & { readonly fd?: number };
  readonly pen: Pen;
}

/** @throws what the source throws */
export async function runTop(options: ScreenOptions, stop: AbortSignal): Promise<void> {
  const { source, facts, theme } = options;
  const state = new TopState(facts, source);
  const quit = new AbortController();
  const signal = AbortSignal.any([stop, quit.signal]);
  let hits: readonly Hit[] = [];
  const draw = () => {
    session.draw((canvas) => {
      hits = drawTop(canvas, state, theme);
    });
  };
  const act = (effect: Effect) => {
    if (effect.kind === 'quit') quit.abort();
    else if (effect.kind === 'suspend') session.suspend();
    else if (effect.kind === 'redraw') session.invalidate();
    else if (effect.kind === 'step') source.step?.(effect.ms);
    else void perform(source, effect, state).then(draw);
  };
  const onEvent = (event: TerminalEvent) => {
    const effect = handle(state, event, hits);
    if (effect !== undefined) act(effect);
    draw();
  };
  const onEnd = () => {
    quit.abort();
  };
  const session = new Session({ ...options, onEvent, onResize: draw, onEnd });
  session.open();
  try {
    draw();
    await source.run(listenerOf(state, oncePerTurn(draw)), signal);
  } finally {
    session.close();
  }
}

/** Samples, processes and problems that come together are one frame. */
function oncePerTurn(draw: () => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      draw();
    });
  };
}

/** While it is paused, the screen stays as it is; graphs go on afterwards. */
function listenerOf(state: TopState, draw: () => void): SourceListener {
  const unlessPaused =
    <Given extends readonly unknown[]>(take: (...given: Given) => void) =>
    (...given: Given) => {
      if (state.isPaused) return;
      take(...given);
      draw();
    };
  return {
    onSamples: unlessPaused((samples) => {
      state.addSamples(samples);
    }),
    onProcesses: unlessPaused((frame) => {
      state.frame = frame;
    }),
    onProblems: unlessPaused((problems) => {
      state.setProblems(problems);
    }),
    onJump: unlessPaused(() => {
      state.jump();
    }),
    onTrouble: unlessPaused((text) => {
      state.trouble = text;
    }),
  };
}

async function perform({ acts }: TopSource, effect: Act, state: TopState): Promise<void> {
  if (acts === undefined) return;
  try {
    state.message =
      effect.kind === 'acknowledge'
        ? await acts.acknowledge(effect.problem)
        : await acts.silence(effect.problem, effect.ms);
  } catch (error) {
    state.message = describeError(error);
  }
}

/**
 * One screen as plain text, once rates and processes are known.
 *
 * @param size columns, and rows at most
 */
export async function onceTop(
  { source, facts, theme, clock }: TopOptions,
  { width, height }: { readonly width: number; readonly height: number },
  stop: AbortSignal,
): Promise<readonly string[]> {
  const state = new TopState(facts, source);
  const done = new AbortController();
  let samples = 0;
  const finish = () => {
    const isReady = source.isPast ? samples > 0 : samples > 1;
    if (isReady && state.frame !== undefined) done.abort();
  };
  const given = listenerOf(state, finish);
  const listener: SourceListener = {
    ...given,
    onSamples: (list) => {
      samples += list.length;
      given.onSamples(list);
    },
  };
  await source.run(listener, AbortSignal.any([stop, done.signal, clock.signal(ONCE_MS)]));
  const canvas = new Canvas(width, height);
  drawTop(canvas, state, theme);
  return canvas.rows();
}

/** Where there are no processes to wait for, what is there is printed after this time. */
const ONCE_MS = 5000;
