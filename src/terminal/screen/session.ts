/** A terminal taken over for a full-screen program, and given back as it was, however the program ends. */
import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';

import type { Clock } from '../../core/clock.ts';

import { Canvas } from './canvas.ts';
import { changesBetween } from './changes.ts';
import { KeyReader, type TerminalEvent } from './keys.ts';
import type { Pen } from './style.ts';

/** Alternate screen, no cursor, no wrapping, mouse clicks and wheel in the SGR form. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?1000h\x1b[?1006h\x1b[2J';
const LEAVE = '\x1b[0m\x1b[?1006l\x1b[?1000l\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Terminals that know it show a frame at once; others ignore it. */
const [BEGIN_FRAME, END_FRAME] = ['\x1b[?2026h', '\x1b[?2026l'];

/** A sequence arrives at once, so what follows an escape later is another key. */
const ESCAPE_MS = 50;

/** These end the process, after the screen is restored; SIGINT and SIGTERM come through the commands' signal. */
const FATAL_SIGNALS = ['SIGHUP', 'SIGQUIT', 'SIGABRT'] as const;

/** Larger terminals are drawn in a part. */
const MOST_COLUMNS = 500;
const MOST_ROWS = 300;

export interface SessionOptions {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream & { readonly fd?: number };
  readonly pen: Pen;
  readonly clock: Clock;
  readonly onEvent: (event: TerminalEvent) => void;
  /** The size has changed, or the screen must be drawn as a whole. */
  readonly onResize: () => void;
  /** Nobody is at the terminal any more. */
  readonly onEnd: () => void;
}

export class Session {
  readonly #options: SessionOptions;
  readonly #keys = new KeyReader();
  #shown: Canvas | undefined;
  #spare: Canvas | undefined;
  #isOpen = false;
  #cancelFlush: () => void = () => undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  open(): void {
    const { stdin, stdout, onEnd } = this.#options;
    process.on('exit', this.#restore);
    for (const signal of FATAL_SIGNALS) process.on(signal, this.#onFatal);
    process.on('SIGCONT', this.#onContinue);
    stdin.on('data', this.#onData);
    stdin.on('end', onEnd);
    stdin.on('error', onEnd);
    stdout.on('resize', this.#onResize);
    this.#enter();
    stdin.resume();
  }

  close(): void {
    const { stdin, stdout, onEnd } = this.#options;
    this.#restore();
    this.#cancelFlush();
    process.off('exit', this.#restore);
    for (const signal of FATAL_SIGNALS) process.off(signal, this.#onFatal);
    process.off('SIGCONT', this.#onContinue);
    stdin.off('data', this.#onData);
    stdin.off('end', onEnd);
    stdin.off('error', onEnd);
    stdout.off('resize', this.#onResize);
    stdin.pause();
  }

  get size(): { readonly width: number; readonly height: number } {
    const { columns, rows } = this.#options.stdout;
    return {
      width: Math.min(MOST_COLUMNS, Math.max(1, columns || 80)),
      height: Math.min(MOST_ROWS, Math.max(1, rows || 24)),
    };
  }

  /** Draws a frame, and writes the cells that changed in one write. */
  draw(paint: (canvas: Canvas) => void): void {
    const { stdout, pen } = this.#options;
    // A reader that is behind gets the next frame.
    if (!this.#isOpen || stdout.writableNeedDrain) return;
    const { width, height } = this.size;
    const spare = this.#spare;
    const next = spare?.width === width && spare.height === height ? spare : new Canvas(width, height);
    next.clear();
    paint(next);
    const changes = changesBetween(this.#shown, next, pen);
    this.#spare = this.#shown;
    this.#shown = next;
    if (changes !== '') stdout.write(BEGIN_FRAME + changes + END_FRAME);
  }

  /** Gives the terminal back to the shell until the user continues the process. */
  suspend(): void {
    this.#restore();
    process.kill(process.pid, 'SIGSTOP');
  }

  /** The next frame is drawn as a whole. */
  invalidate(): void {
    this.#shown = undefined;
  }

  #enter(): void {
    const { stdin, stdout } = this.#options;
    stdin.setRawMode(true);
    stdout.write(ENTER);
    this.#isOpen = true;
    this.invalidate();
  }

  /** Synchronous, since the process may be about to end. */
  readonly #restore = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      this.#options.stdin.setRawMode(false);
      writeSync(this.#options.stdout.fd ?? 1, LEAVE);
    } catch {
      // the terminal is gone, and with it what would be restored
    }
  };

  readonly #onFatal = (signal: NodeJS.Signals): void => {
    this.#restore();
    process.off(signal, this.#onFatal);
    process.kill(process.pid, signal);
  };

  readonly #onContinue = (): void => {
    if (!this.#isOpen) this.#enter();
    this.#onResize();
  };

  readonly #onResize = (): void => {
    this.invalidate();
    this.#options.onResize();
  };

  readonly #onData = (bytes: Uint8Array): void => {
    const { onEvent, clock } = this.#options;
    this.#cancelFlush();
    for (const event of this.#keys.read(bytes)) onEvent(event);
    if (!this.#keys.isWaiting) return;
    this.#cancelFlush = clock.after(ESCAPE_MS, () => {
      for (const event of this.#keys.flush()) onEvent(event);
    });
  };
}
