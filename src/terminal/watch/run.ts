/** Runs `healthd watch`: a table on a terminal, lines elsewhere. */
import type { ReadStream, WriteStream } from 'node:tty';

import type { Clock } from '../../core/clock.ts';
import type { Theme } from '../draw/theme.ts';
import type { KeyName, TerminalEvent } from '../screen/keys.ts';
import { Session } from '../screen/session.ts';
import type { Pen } from '../screen/style.ts';
import type { Sample } from '../source/point.ts';
import type { SourceListener, TopSource } from '../source/source.ts';

import { drawWatch, emptyText, textOf, type WatchState } from './draw.ts';
import { SeriesTable, type SeriesTableOptions } from './series-table.ts';

export interface WatchOptions extends SeriesTableOptions {
  readonly source: TopSource;
  readonly patterns: readonly string[];
  readonly interval: number;
  readonly clock: Clock;
}

export interface WatchScreenOptions extends WatchOptions {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream & { readonly fd?: number };
  readonly pen: Pen;
  readonly theme: Theme;
}

const ROWS_OF: Partial<Record<KeyName, number>> = { up: -1, down: 1, pageup: -10, pagedown: 10, home: -1e9, end: 1e9 };

export async function runWatch(options: WatchScreenOptions, stop: AbortSignal): Promise<void> {
  const { source, theme } = options;
  const table = new SeriesTable(options);
  const state: WatchState = { ...options, table, origin: source.origin, scroll: 0, isPaused: false, trouble: '' };
  const quit = new AbortController();
  const end = () => {
    quit.abort();
  };
  const draw = () => {
    session.draw((canvas) => {
      drawWatch(canvas, state, theme);
    });
  };
  const onEvent = (event: TerminalEvent) => {
    if (isEnd(event)) end();
    else if (event.kind === 'key' && event.key === 'suspend') session.suspend();
    else if (event.kind === 'key' && event.key === 'redraw') session.invalidate();
    else move(state, event);
    draw();
  };
  const session = new Session({ ...options, onEvent, onResize: draw, onEnd: end });
  session.open();
  try {
    draw();
    const listener = listenerOf(
      (samples) => {
        if (state.isPaused) return;
        for (const sample of samples) table.add(sample);
        draw();
      },
      (trouble) => {
        state.trouble = trouble;
      },
    );
    await source.run(listener, AbortSignal.any([stop, quit.signal]));
  } finally {
    session.close();
  }
}

function isEnd(event: TerminalEvent): boolean {
  return event.kind === 'key' ? event.key === 'interrupt' : event.kind === 'text' && event.text === 'q';
}

function move(state: WatchState, event: TerminalEvent): void {
  if (event.kind === 'wheel') state.scroll += 3 * event.by;
  else if (event.kind === 'key') state.scroll += ROWS_OF[event.key] ?? 0;
  else if (event.kind === 'text' && event.text === 'p') state.isPaused = !state.isPaused;
  else if (event.kind === 'text') state.scroll += event.text === 'j' ? 1 : event.text === 'k' ? -1 : 0;
}

/** A line for each series and sample: time, name, value. @param print gets a line without a newline */
export async function watchLines(
  options: WatchOptions,
  print: (line: string) => void,
  stop: AbortSignal,
): Promise<void> {
  const table = new SeriesTable(options);
  let samples = 0;
  const listener = listenerOf(
    (list) => {
      for (const sample of list) {
        table.add(sample);
        samples += 1;
        const time = new Date(sample.at).toISOString();
        const rows = table.rows().filter(({ values }) => !Number.isNaN(values.at(-1)));
        for (const { name, unit, last } of rows) print(`${time} ${name} ${textOf(last, unit)}`);
        // Counters have a rate from the second sample on.
        if (samples === 2 && table.rows().length === 0) print(emptyText({ table, patterns: options.patterns }));
      }
    },
    () => undefined,
  );
  await options.source.run(listener, stop);
}

function listenerOf(
  onSamples: (samples: readonly Sample[]) => void,
  onTrouble: (text: string) => void,
): SourceListener {
  const ignore = () => undefined;
  return { onSamples, onTrouble, onProcesses: ignore, onProblems: ignore, onJump: ignore };
}
