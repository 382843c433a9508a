/**
 * The one helper process on Windows: a PowerShell that answers what Node itself does not know. It starts with the first question and ends
 * with the last user. It is never trusted to answer: a request has a deadline, and what is late or wrong ends the process. The next one
 * starts after a backoff. Until then each question fails, so that no input takes a missing answer for a zero.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
// Not read here, only handed on, in part.
import { env } from 'node:process';

import type { Clock, SelfMetric, WindowsFacts } from '../../plugin/index.ts';
import { childEnvironment } from '../child-environment.ts';

import { Lines } from './lines.ts';
import { readerArguments } from './script.ts';

/** From the start to the first line: PowerShell takes some seconds on a busy server. ms */
const START_MS = 60_000;
/** For one answer. ms */
const ANSWER_MS = 30_000;
/** Backoff after a failure, doubled from the first to the second; a process that ran for so long begins with the first again. ms */
const BACKOFF_MS = { first: 1000, most: 300_000 };
/** PowerShell grows: a process is replaced after a day, or at this size. */
const MAX_AGE_MS = 86_400_000;
const MAX_MEMORY = 250 * 1024 * 1024;
/** One answer. Characters. */
const MAX_LINE = 16 * 1024 * 1024;
/** What it says on standard error is for a message. Characters. */
const MAX_STDERR = 2000;
/** Waiting questions; more means that nothing is answered. */
const MAX_WAITING = 256;

export interface ReaderProgram {
  readonly program: string;
  readonly args: readonly string[];
}

/** By its path, since a program of that name elsewhere in PATH could be anybody's. */
function powershell(): ReaderProgram {
  const root = env['SystemRoot'] ?? env['SYSTEMROOT'] ?? 'C:\\Windows';
  return { program: `${root}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`, args: readerArguments() };
}

interface Question {
  readonly part: string;
  readonly with: object;
  readonly resolve: (value: readonly unknown[]) => void;
  readonly reject: (error: Error) => void;
  /** Nobody waits for the answer any more. */
  isGone: boolean;
}

/** Keeps one question under way; the others wait in order. */
export class WindowsReader {
  readonly #clock: Clock;
  readonly #program: () => ReaderProgram;
  readonly #waiting: Question[] = [];
  #process: ReaderProcess | undefined;
  #asked: Question | undefined;
  #users = 0;
  #backoff = 0;
  #restAt = -Infinity;
  #failure = '';
  #counts = { starts: 0, failures: 0, requests: 0 };
  #memory: number | undefined;
  #lastMs: number | undefined;

  constructor(clock: Clock, program: () => ReaderProgram = powershell) {
    this.#clock = clock;
    this.#program = program;
  }

  /** For one plugin. The process ends when the last one that has asked is released. */
  lease(): WindowsFacts & { release(): void } {
    let isUser = false;
    return {
      ask: (part, request, signal) => {
        if (!isUser) this.#users += 1;
        isUser = true;
        return this.#ask(part, request, signal);
      },
      release: () => {
        if (!isUser) return;
        isUser = false;
        this.#users -= 1;
        if (this.#users === 0) this.#end(new Error('The Windows reader has ended'));
      },
    };
  }

  status(): readonly SelfMetric[] {
    if (this.#counts.starts === 0) return [];
    const { starts, failures, requests } = this.#counts;
    const measured = {
      ...(this.#memory !== undefined && { memory_bytes: this.#memory }),
      ...(this.#lastMs !== undefined && { last_request_ms: this.#lastMs }),
    };
    return [{ name: 'internal_windows_reader', tags: {}, fields: { starts, failures, requests, ...measured } }];
  }

  #ask(part: string, request: object, signal: AbortSignal): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.#waiting.length >= MAX_WAITING) throw new Error('Too many questions wait for the Windows reader');
      const settled = new AbortController();
      const question: Question = {
        part,
        with: request,
        resolve: (value) => {
          settled.abort();
          resolve(value);
        },
        reject: (error) => {
          settled.abort();
          reject(error);
        },
        isGone: false,
      };
      const onAbort = () => {
        question.isGone = true;
        reject(new Error(`The Windows reader has not answered "${part}" in time`, { cause: signal.reason }));
      };
      signal.addEventListener('abort', onAbort, { once: true, signal: settled.signal });
      this.#waiting.push(question);
      this.#next();
    });
  }

  #next(): void {
    if (this.#asked !== undefined) return;
    while (this.#waiting[0]?.isGone === true) this.#waiting.shift();
    const question = this.#waiting.shift();
    if (question === undefined) return;
    const process = this.#ready();
    if (process === undefined) {
      const seconds = Math.ceil((this.#restAt - this.#clock.elapsed()) / 1000);
      question.reject(new Error(`The Windows reader has failed and starts again in ${seconds} s: ${this.#failure}`));
      this.#next();
      return;
    }
    this.#asked = question;
    this.#counts.requests += 1;
    process.request(question.part, question.with);
  }

  /** @returns undefined during the backoff */
  #ready(): ReaderProcess | undefined {
    const now = this.#clock.elapsed();
    const isOld = this.#process !== undefined && now - this.#process.startedAt > MAX_AGE_MS;
    if (isOld || (this.#memory ?? 0) > MAX_MEMORY) this.#retire();
    if (this.#process !== undefined) return this.#process;
    if (now < this.#restAt) return undefined;
    this.#counts.starts += 1;
    this.#process = new ReaderProcess(this.#program(), this.#clock, {
      onAnswer: (answer, tookMs) => {
        this.#memory = answer.memory ?? this.#memory;
        this.#lastMs = Math.round(tookMs);
        const question = this.#asked;
        this.#asked = undefined;
        if (answer.error === undefined) question?.resolve(answer.value);
        else question?.reject(new Error(`Windows cannot say "${question.part}": ${answer.error}`));
        this.#next();
      },
      onFailure: (reason) => {
        this.#failed(reason);
      },
    });
    return this.#process;
  }

  #retire(): void {
    this.#process?.end();
    this.#process = undefined;
    this.#memory = undefined;
  }

  #failed(reason: string): void {
    const ran = this.#clock.elapsed() - (this.#process?.startedAt ?? 0);
    this.#retire();
    this.#counts.failures += 1;
    const hasWorked = ran >= BACKOFF_MS.most;
    this.#backoff = hasWorked ? BACKOFF_MS.first : Math.min(BACKOFF_MS.most, this.#backoff * 2 || BACKOFF_MS.first);
    this.#restAt = this.#clock.elapsed() + this.#backoff;
    this.#failure = reason;
    const question = this.#asked;
    this.#asked = undefined;
    question?.reject(new Error(`The Windows reader failed at "${question.part}": ${reason}`));
    this.#next();
  }

  #end(reason: Error): void {
    this.#retire();
    const questions = [...(this.#asked === undefined ? [] : [this.#asked]), ...this.#waiting.splice(0)];
    this.#asked = undefined;
    for (const question of questions) question.reject(reason);
  }
}

interface Answer {
  readonly value: readonly unknown[];
  readonly error: string | undefined;
  readonly memory: number | undefined;
}

interface Handlers {
  readonly onAnswer: (answer: Answer, tookMs: number) => void;
  /** Called once; the process is ended. */
  readonly onFailure: (reason: string) => void;
}

/** One process. After a failure or `end` it calls nobody. */
class ReaderProcess {
  readonly startedAt: number;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #clock: Clock;
  readonly #handlers: Handlers;
  #isOver = false;
  #isReady = false;
  readonly #lines = new Lines(MAX_LINE, (line) => {
    if (!this.#isOver) this.#take(line);
  });
  #stderr = '';
  #id = 0;
  #request: string | undefined;
  #askedAt = 0;
  #cancel: () => void;

  constructor({ program, args }: ReaderProgram, clock: Clock, handlers: Handlers) {
    this.#clock = clock;
    this.#handlers = handlers;
    this.startedAt = clock.elapsed();
    this.#child = spawn(program, args, { stdio: 'pipe', env: childEnvironment(env, {}), windowsHide: true });
    const { stdin, stdout, stderr } = this.#child;
    for (const stream of [stdin, stdout, stderr]) stream.on('error', () => undefined);
    this.#child.on('error', (error) => {
      this.#fail(`cannot run ${program}: ${error.message}`);
    });
    this.#child.on('close', (code, signal) => {
      this.#fail(`it ended with ${signal ?? `code ${String(code)}`}${this.#said()}`);
    });
    stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#read(text);
    });
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(0, MAX_STDERR);
    });
    this.#cancel = this.#deadline(START_MS, 'it did not start');
  }

  /** Sent when it is ready. At most one is under way. */
  request(part: string, request: object): void {
    this.#id += 1;
    this.#request = `${JSON.stringify({ id: this.#id, part, with: request })}\n`;
    if (this.#isReady) this.#send();
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancel();
    // It ends when its input does; one that hangs is killed.
    this.#child.stdin.end();
    const cancel = this.#clock.after(1000, () => this.#child.kill('SIGKILL'));
    this.#child.once('close', cancel);
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    this.#child.unref();
  }

  #send(): void {
    if (this.#request === undefined) return;
    this.#askedAt = this.#clock.elapsed();
    this.#cancel = this.#deadline(ANSWER_MS, 'it did not answer');
    this.#child.stdin.write(this.#request);
    this.#request = undefined;
  }

  #deadline(ms: number, what: string): () => void {
    return this.#clock.after(ms, () => {
      this.#fail(`${what} within ${ms / 1000} s${this.#said()}`);
    });
  }

  #read(text: string): void {
    if (this.#isOver) return;
    if (!this.#lines.add(text)) this.#fail(`it wrote a line of more than ${MAX_LINE} characters`);
  }

  #take(line: string): void {
    const said = parseReaderLine(line) ?? {};
    if (!this.#isReady) {
      this.#begin(said, line);
      return;
    }
    const { id, value, error, memory } = said;
    const isError = typeof error === 'string';
    if (id !== this.#id || (!isError && !Array.isArray(value))) {
      this.#fail(`it answered ${shown(line)}`);
      return;
    }
    this.#cancel();
    const answer = {
      value: Array.isArray(value) ? (value as unknown[]) : [],
      error: isError ? error.slice(0, MAX_STDERR) : undefined,
      memory: typeof memory === 'number' ? memory : undefined,
    };
    this.#handlers.onAnswer(answer, this.#clock.elapsed() - this.#askedAt);
  }

  #begin({ ready, error }: Readonly<Record<string, unknown>>, line: string): void {
    if (ready !== 1) {
      this.#fail(typeof error === 'string' ? error.slice(0, MAX_STDERR) : `it began with ${shown(line)}`);
      return;
    }
    this.#isReady = true;
    this.#cancel();
    this.#send();
  }

  #said(): string {
    const text = this.#stderr.replaceAll(/\s+/g, ' ').trim();
    return text === '' ? '' : `; it said: ${shown(text)}`;
  }

  #fail(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancel();
    this.#child.kill('SIGKILL');
    this.#child.unref();
    this.#handlers.onFailure(reason);
  }
}

function shown(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** @returns undefined if it is no JSON object */
export function parseReaderLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined; // what it wrote is in the message of the failure
  }
}
