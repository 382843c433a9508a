/** Shared by the commands that draw on the terminal: what it can show, and how often. */
import type { ReadStream } from 'node:tty';

import { ConfigError } from '../core/errors.ts';
import type { Theme } from '../terminal/draw/theme.ts';
import { colourDepth, drawsUnicode, groundOf } from '../terminal/screen/colours.ts';
import { Pen } from '../terminal/screen/style.ts';

import type { Terminal } from './command.ts';
import { durationOf } from './time.ts';

const DEFAULT_INTERVAL_MS = 2000;
const [SHORTEST_MS, LONGEST_MS] = [200, 3_600_000];

/** Of a screen that is printed for a pipe. */
const [COLUMNS, ROWS] = [120, 50];
const [MOST_COLUMNS, MOST_ROWS] = [500, 300];

/** @throws ConfigError for anything but a duration from 200 ms to an hour */
export function intervalOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_INTERVAL_MS;
  const advice = `--interval ${text}: write a duration from 200ms to 1h, such as 2s`;
  const ms = durationOf(text);
  if (ms === undefined || ms < SHORTEST_MS || ms > LONGEST_MS) throw new ConfigError(advice);
  return ms;
}

export function themeOf({ environment }: Terminal): Theme {
  return { isUnicode: drawsUnicode(environment) };
}

export interface Screen {
  readonly stdin: ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly pen: Pen;
}

/** @returns undefined if nobody sits at a terminal, or it cannot move its cursor */
export function screenOf({ stdout, environment }: Terminal): Screen | undefined {
  const { stdin } = process;
  if (!stdout.isTTY || !stdin.isTTY || environment['TERM'] === 'dumb') return undefined;
  return { stdin, stdout, pen: new Pen(colourDepth(environment), groundOf(environment)) };
}

/** Of the terminal; else from COLUMNS and LINES, 120 × 50 by default. */
export function printedSize({ stdout, environment }: Terminal): { readonly width: number; readonly height: number } {
  const given = (name: string, otherwise: number, most: number) => {
    const number = Number(environment[name]);
    return Number.isInteger(number) && number > 0 ? Math.min(most, number) : otherwise;
  };
  if (stdout.isTTY) return { width: stdout.columns, height: stdout.rows };
  return { width: given('COLUMNS', COLUMNS, MOST_COLUMNS), height: given('LINES', ROWS, MOST_ROWS) };
}
