/** The simplest model of a journal: a list, and two positions per reader. */
import { expect } from '@jest/globals';
import fc from 'fast-check';

import type { BatchLimits } from '../../src/metric/batch.ts';
import type { JournalReader, LineSource } from '../../src/journal/journal.ts';
import type { LineJournal } from '../../src/journal/line-journal.ts';

import { append, drain, drainBoth, numbered, textsOf } from './journal-kit.ts';

const NAMES = ['a', 'b', 'c'] as const;

type Name = (typeof NAMES)[number];
type Part = 'live' | 'backlog';

export type Step =
  | { readonly do: 'append'; readonly count: number }
  | { readonly do: 'begin'; readonly name: Name; readonly from: 'end' | 'beginning' }
  | { readonly do: 'peek'; readonly name: Name; readonly part: Part; readonly limits: BatchLimits }
  | { readonly do: 'acknowledge'; readonly name: Name; readonly part: Part }
  | { readonly do: 'drain'; readonly name: Name; readonly part: Part }
  | { readonly do: 'putOff'; readonly name: Name }
  | { readonly do: 'forget'; readonly name: Name }
  | { readonly do: 'restart' };

const anyName = fc.constantFrom(...NAMES);
const anyPart = fc.constantFrom<Part[]>('live', 'live', 'backlog');
const anyLimits = fc.record({
  lines: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 3000 })),
  bytes: fc.oneof(fc.constant(1e9), fc.integer({ min: 1, max: 20_000 })),
});

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append'),
      count: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 30 }) }, fc.integer({ min: 900, max: 2100 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('begin'), name: anyName, from: fc.constantFrom('end', 'beginning') }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('peek'), name: anyName, part: anyPart, limits: anyLimits }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('acknowledge'), name: anyName, part: anyPart }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drain'), name: anyName, part: anyPart }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('putOff'), name: anyName }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget'), name: anyName }) },
);

export const anySteps = fc.array(anyStep, { minLength: 5, maxLength: 60 });

/** Steps including restarts. */
export const anyStepsOfSeveralLives = fc.array(
  fc.oneof({ weight: 24, arbitrary: anyStep }, { weight: 1, arbitrary: fc.constant<Step>({ do: 'restart' }) }),
  { minLength: 5, maxLength: 60 },
);

/** Line numbers, from 0. */
class ModelReader {
  live: number;
  backlog = { from: 0, to: 0 };
  /** Ends of the last peeked batches, in the numbers of the model and of the journal. */
  readonly inFlight: Record<Part, { readonly end: number; readonly mark: number } | undefined> = {
    live: undefined,
    backlog: undefined,
  };

  constructor(position: number) {
    this.live = position;
  }

  span(part: Part, end: number): { readonly from: number; readonly to: number } {
    return part === 'live' ? { from: this.live, to: end } : this.backlog;
  }

  pass(part: Part, to: number): void {
    if (part === 'live') this.live = Math.max(this.live, to);
    else this.backlog = { ...this.backlog, from: Math.max(this.backlog.from, Math.min(to, this.backlog.to)) };
  }

  putOff(end: number): void {
    if (this.backlog.from < this.backlog.to) return;
    this.backlog = { from: this.live, to: end };
    this.live = end;
  }
}

/**
 * Applies the steps to both, and compares after each.
 *
 * @param restart returns the journal after a restart
 */
export async function play(
  journal: LineJournal,
  steps: readonly Step[],
  restart: (journal: LineJournal) => Promise<LineJournal> = (same) => Promise.resolve(same),
): Promise<LineJournal> {
  const game = new Game(journal, restart);
  for (const step of steps) {
    await game.step(step);
    game.compare();
  }
  await game.finish();
  return game.journal;
}

class Game {
  journal: LineJournal;
  readonly #restart: (journal: LineJournal) => Promise<LineJournal>;
  readonly #lines: string[] = [];
  readonly #models = new Map<Name, ModelReader>();

  constructor(journal: LineJournal, restart: (journal: LineJournal) => Promise<LineJournal>) {
    this.journal = journal;
    this.#restart = restart;
    // Never reads, so that all lines are kept and the oldest is the first.
    journal.reader('keeper');
  }

  async step(step: Step): Promise<void> {
    if (step.do === 'append') this.#append(step.count);
    else if (step.do === 'restart') await this.#begin();
    else await this.#stepOf(step);
  }

  async #stepOf(step: Exclude<Step, { readonly do: 'append' | 'restart' }>): Promise<void> {
    const { name } = step;
    const model = this.#models.get(name);
    if (step.do === 'begin') {
      this.journal.reader(name, step.from);
      if (model === undefined)
        this.#models.set(name, new ModelReader(step.from === 'beginning' ? 0 : this.#lines.length));
      return;
    }
    if (model === undefined) return;
    const reader = this.journal.reader(name);
    if (step.do === 'forget') {
      this.journal.forget(name);
      this.#models.delete(name);
    } else if (step.do === 'putOff') {
      reader.putOff();
      model.putOff(this.#lines.length);
    } else if (step.do === 'peek') await this.#peek(sourceOf(reader, step.part), model, step.part, step.limits);
    else if (step.do === 'drain') await this.#drain(sourceOf(reader, step.part), model, step.part);
    else await acknowledge(sourceOf(reader, step.part), model, step.part);
  }

  compare(): void {
    for (const [name, model] of this.#models) {
      const { pendingLines, lostLines, backlog } = this.journal.reader(name);
      expect({ pendingLines, lostLines, backlog: backlog.pendingLines }).toEqual({
        pendingLines: this.#lines.length - model.live,
        lostLines: 0,
        backlog: model.backlog.to - model.backlog.from,
      });
    }
  }

  async finish(): Promise<void> {
    for (const [name, { live, backlog }] of this.#models) {
      const pending = [...this.#lines.slice(backlog.from, backlog.to), ...this.#lines.slice(live)];
      expect(await drainBoth(this.journal.reader(name))).toEqual(pending);
    }
    expect(await drainBoth(this.journal.reader('keeper'))).toEqual(this.#lines);
  }

  #append(count: number): void {
    const lines = numbered(this.#lines.length, count);
    append(this.journal, ...lines);
    this.#lines.push(...lines);
  }

  async #begin(): Promise<void> {
    this.journal = await this.#restart(this.journal);
    // `from` is ignored, because the reader exists.
    for (const name of ['keeper', ...this.#models.keys()]) this.journal.reader(name, 'beginning');
  }

  async #peek(source: LineSource, model: ModelReader, part: Part, limits: BatchLimits): Promise<void> {
    const next = await source.peek(limits);
    const { from, to } = model.span(part, this.#lines.length);
    expect(next === undefined).toBe(from === to);
    if (next === undefined) return;
    const { size, lines } = next.batch;
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThanOrEqual(Math.min(limits.lines, to - from));
    if (size > 1) expect(lines.length).toBeLessThanOrEqual(limits.bytes);
    expect(textsOf(next)).toEqual(this.#lines.slice(from, from + size));
    model.inFlight[part] = { end: from + size, mark: next.end };
  }

  async #drain(source: LineSource, model: ModelReader, part: Part): Promise<void> {
    const { from, to } = model.span(part, this.#lines.length);
    expect(await drain(source, { lines: 777, bytes: 1e9 })).toEqual(this.#lines.slice(from, to));
    model.pass(part, to);
  }
}

function sourceOf(reader: JournalReader, part: Part): LineSource {
  return part === 'live' ? reader : reader.backlog;
}

async function acknowledge(source: LineSource, model: ModelReader, part: Part): Promise<void> {
  const inFlight = model.inFlight[part];
  if (inFlight === undefined) return;
  await source.acknowledge(inFlight.mark);
  model.pass(part, inFlight.end);
}
