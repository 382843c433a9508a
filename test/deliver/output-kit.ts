/** What tests of an output's sending side share: a destination that does as it is told, and an output that writes to it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openDeadLetters } from '../../src/deliver/dead-letters.ts';
import { OutputRunner } from '../../src/deliver/output-runner.ts';
import { noWrites } from '../../src/deliver/counters.ts';
import type { OutputEntry } from '../../src/deliver/entry.ts';
import { LineBatch } from '../../src/metric/batch.ts';
import { LineJournal } from '../../src/journal/line-journal.ts';
import { RetryableError, type Batch, type Logger, type Output } from '../../src/plugin/index.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { outputEntry, runnerContext, type ManualClock } from '../support/kit/runner.ts';
import { settle } from '../support/kit/settle.ts';

/** What happens to a write: it is stored, it fails, it is stored and fails all the same, or it hangs until it is told to end. */
export type Answer = Error | 'stored but failed' | 'hang' | undefined;

export interface FakeDestination {
  readonly output: Output;
  /** What was stored, in the order of its arrival, repetitions included. */
  readonly written: string[];
  /** The size of each write, stored or not. */
  readonly writes: number[];
  /** Compressed bytes of each write that was stored. */
  readonly bytes: number[];
  /** The most writes that were ever under way together. */
  mostActive(): number;
}

/** @param answer asked for each write; `bytes` are those before compression */
export function fakeDestination(answer: (lines: readonly string[], bytes: number) => Answer = () => undefined) {
  const [written, writes, bytes]: [string[], number[], number[]] = [[], [], []];
  let [active, mostActive] = [0, 0];
  const write = async (batch: Batch, signal: AbortSignal) => {
    const lines = [...new LineBatch(batch.lines, batch.size).texts()];
    writes.push(lines.length);
    const outcome = answer(lines, batch.lines.length);
    if (outcome === 'hang')
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      });
    if (outcome instanceof Error) throw outcome;
    await settle(1);
    written.push(...lines);
    bytes.push((await batch.gzip()).length);
    if (outcome === 'stored but failed') throw new RetryableError('the answer was lost');
  };
  const output: Output = {
    async write(batch, signal) {
      active += 1;
      mostActive = Math.max(mostActive, active);
      try {
        await write(batch, signal);
      } finally {
        active -= 1;
      }
    },
  };
  return { output, written, writes, bytes, mostActive: () => mostActive } satisfies FakeDestination;
}

/** Answers in turn, and stores when there are no more. */
export function answersInTurn(answers: Answer[]): () => Answer {
  return () => answers.shift();
}

/** A destination that can be taken away and brought back. */
export function switchable() {
  const state = { isAway: false };
  const destination = fakeDestination(() => (state.isAway ? new RetryableError('connect ECONNREFUSED') : undefined));
  return Object.assign(destination, {
    goAway: () => (state.isAway = true),
    comeBack: () => (state.isAway = false),
  });
}

export interface StartOptions {
  readonly clock?: ManualClock;
  readonly journal?: LineJournal;
  /** Of a journal that is made for this. */
  readonly memoryBytes?: number;
  readonly random?: () => number;
}

/** What was logged, as lines and with the facts. */
function recording() {
  const log = recordingLog();
  const told: { readonly message: string; readonly meta: Readonly<Record<string, unknown>> }[] = [];
  const also = (level: keyof Logger) => (message: string, meta?: Readonly<Record<string, unknown>>) => {
    log[level](message);
    told.push({ message, meta: meta ?? {} });
  };
  const lines = log.lines;
  return { told, log: { lines, error: also('error'), warn: also('warn'), info: also('info'), debug: also('debug') } };
}

const folders: string[] = [];

/** Removes what was made; to be called after each test. */
export function clearFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** An output that runs, on a clock that stands still. */
export async function startOutput(output: Output, settings: Partial<OutputEntry> = {}, options: StartOptions = {}) {
  const { clock = manualClock(1_700_000_000_000), memoryBytes = 1e6, random = () => 0.999 } = options;
  const { log, told } = recording();
  const folder = mkdtempSync(join(tmpdir(), 'healthd-output-'));
  folders.push(folder);
  const journal = options.journal ?? LineJournal.inMemory({ memoryBytes, clock, log });
  const counters = noWrites();
  const deadLetterPath = join(folder, 'dead-letter.lp');
  const runner = await OutputRunner.create({
    entry: outputEntry(output, settings),
    context: runnerContext(clock, log),
    journal: () => journal,
    counters,
    deadLetters: openDeadLetters({ path: deadLetterPath, clock, log }),
    random,
  });
  runner.start();
  await settle();
  const append = (...lines: readonly string[]) => {
    journal.append(Buffer.from(lines.map((line) => `${line}\n`).join('')), lines.length);
    runner.notify();
  };
  const reader = journal.reader('fake_output');
  const stop = () => runner.stop(new AbortController().signal);
  return { clock, log, told, journal, reader, counters, runner, append, stop, deadLetterPath };
}
