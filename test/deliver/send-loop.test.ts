/** What holds whatever happens, and in whatever order. */
import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { LineJournal } from '../../src/journal/line-journal.ts';
import { PermanentError, RetryableError, TooLargeError } from '../../src/plugin/index.ts';
import { manualClock, silentLog } from '../../src/testing.ts';
import { numbered } from '../journal/journal-kit.ts';
import { pass } from '../support/kit/runner.ts';
import { settle } from '../support/kit/settle.ts';

import { clearFolders, fakeDestination, startOutput, type Answer } from './output-kit.ts';

afterEach(clearFolders);

/** How the destination behaves. */
const MOODS = {
  'takes everything': () => undefined,
  'is away': () => new RetryableError('ECONNREFUSED'),
  'asks to wait': () => new RetryableError('429', { retryAfterMs: 30_000 }),
  hangs: () => 'hang',
  'stores, and the answer is lost': () => 'stored but failed',
  'takes little at once': (lines) => (lines.length > 3 ? new TooLargeError('413') : undefined),
  'refuses each tenth line': (lines) =>
    lines.some((line) => line.endsWith('7')) ? new PermanentError('no') : undefined,
} satisfies Record<string, (lines: readonly string[]) => Answer>;

type Mood = keyof typeof MOODS;
type Order = 'oldest_first' | 'newest_first';
type Step =
  | { readonly append: number }
  | { readonly pass: number }
  | { readonly mood: Mood }
  | { readonly restart: Order; readonly isPatient: boolean };

const moods = Object.keys(MOODS) as Mood[];

function steps(orders: readonly Order[]): fc.Arbitrary<readonly Step[]> {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ append: fc.integer({ min: 1, max: 25 }) }) },
    { weight: 4, arbitrary: fc.record({ pass: fc.constantFrom(100, 1000, 5000, 11_000, 60_000) }) },
    { weight: 2, arbitrary: fc.record({ mood: fc.constantFrom(...moods) }) },
    { weight: 1, arbitrary: fc.record({ restart: fc.constantFrom(...orders), isPatient: fc.boolean() }) },
  );
  return fc.array(step, { maxLength: 40 });
}

/** Plays the steps, then lets the destination take everything, and waits until nothing is left. */
async function play(schedule: readonly Step[], order: Order, random: () => number) {
  const clock = manualClock();
  const journal = LineJournal.inMemory({ memoryBytes: 1e9, clock, log: silentLog });
  let mood: Mood = 'takes everything';
  const destination = fakeDestination((lines) => MOODS[mood](lines));
  const start = (catch_up: Order) =>
    // So slow that a batch takes about a second.
    startOutput(destination.output, { batch_lines: 5, catch_up, catch_up_rate: 60 }, { clock, journal, random });
  let current = await start(order);
  let appended = 0;
  let refused = 0;

  const stop = async (isPatient: boolean) => {
    const deadline = new AbortController();
    const stopping = current.runner.stop(deadline.signal);
    if (isPatient) await settle();
    deadline.abort();
    await stopping;
    await settle();
    refused += current.counters.metrics_rejected;
  };

  for (const step of schedule) {
    if ('append' in step) current.append(...numbered(appended, step.append));
    if ('append' in step) appended += step.append;
    if ('pass' in step) await pass(clock, step.pass, Math.max(100, step.pass / 5));
    if ('mood' in step) mood = step.mood;
    if ('restart' in step) {
      await stop(step.isPatient);
      current = await start(step.restart);
    }
  }
  mood = 'takes everything';
  const { reader } = current;
  for (let minute = 0; minute < 200 && reader.pendingLines + reader.backlog.pendingLines > 0; minute += 1)
    await pass(clock, 60_000, 3000);
  await stop(true);
  return { ...destination, appended: numbered(0, appended), refused, lost: reader.lostLines };
}

/** Each line once, where it was the first time. */
function firstArrivals(written: readonly string[]): readonly string[] {
  return [...new Set(written)];
}

function drawnFrom(chance: fc.Stream<number>): () => number {
  return () => (chance.next() as IteratorYieldResult<number>).value;
}

const chances = fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true }));

test('each line arrives at least once or is refused for good, whatever the destination does and the order is', async () => {
  const orders = ['oldest_first', 'newest_first'] as const;
  await fc.assert(
    fc.asyncProperty(steps(orders), fc.constantFrom(...orders), chances, async (schedule, order, random) => {
      const { written, appended, refused, lost, mostActive } = await play(schedule, order, drawnFrom(random));
      const missing = appended.filter((line) => !written.includes(line));
      expect(missing.filter((line) => !line.endsWith('7'))).toEqual([]);
      expect(refused).toBeGreaterThanOrEqual(missing.length);
      expect(lost).toBe(0);
      expect(mostActive()).toBeLessThanOrEqual(1);
    }),
    { numRuns: 60 },
  );
});

test('oldest first: each line arrives for the first time in the order in which it was appended', async () => {
  await fc.assert(
    fc.asyncProperty(steps(['oldest_first']), chances, async (schedule, random) => {
      const { written, appended } = await play(schedule, 'oldest_first', drawnFrom(random));
      // What was refused once may be taken when a stop had it sent again.
      const arrived = firstArrivals(written).filter((line) => !line.endsWith('7'));
      expect(arrived).toEqual(appended.filter((line) => arrived.includes(line)));
    }),
    { numRuns: 60 },
  );
});

test('a flush that is nearly due goes with the lines that are appended, and keeps its interval', async () => {
  const { output, written } = fakeDestination();
  const { clock, append } = await startOutput(output, { flush_interval: 10_000 }, { random: () => 0 });
  const times: number[] = [];
  const start = clock.elapsed();
  for (let second = 0; second < 40; second += 1) {
    await pass(clock, 300);
    append(`m v=${second}`);
    await settle();
    if (written.length > 0) times.push(clock.elapsed() - start);
    expect(written.length).toBeLessThanOrEqual(11);
    written.length = 0;
    await pass(clock, 700);
  }
  expect(times).toEqual([300, 10_300, 20_300, 30_300]);
});

test('with jitter a flush keeps to its time', async () => {
  const { output, written } = fakeDestination();
  const settings = { flush_interval: 10_000, flush_jitter: 1 };
  const { clock, append } = await startOutput(output, settings, { random: () => 0 });
  await pass(clock, 300);
  append('m v=1');
  await settle();
  expect(written).toEqual([]);
  await pass(clock, 700);
  expect(written).toEqual(['m v=1']);
});
