/** When a rule would have fired over the last week, from the samples of the history. */
import { setImmediate } from 'node:timers/promises';

import type { AlertEvent } from '../../alerts/alert-event.ts';
import type { Rule, Watch } from '../../alerts/rules/rule.ts';
import { Simulator } from '../../alerts/trial/simulate.ts';
import type { RulePreviewAnswer } from '../../api/rules.ts';
import { nanoseconds } from '../../core/clock.ts';
import type { HistoryAccess, KnownSet, SeriesSet, Tags } from '../../history/access.ts';

type Past = NonNullable<RulePreviewAnswer['past']>;
type Span = Past['spans'][number];
type OpenSpan = { -readonly [Key in keyof Span]: Span[Key] };

const WEEK_MS = 7 * 86_400_000;
/** Samples that are evaluated: about a second of processor time. */
const MOST_SAMPLES = 200_000;
const MOST_SERIES = 200;
const MOST_SPANS = 100;
/** Buckets of one query. */
const CHUNK = 4000;
/** Samples between two moments in which the rest of the agent runs. */
const BREATH = 250;
/** Divide an hour, so that samples of a whole interval each get a bucket of their own. */
const STEPS_MS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 3600].map((seconds) => seconds * 1000);

export interface PastOptions {
  readonly rule: Rule;
  readonly history: HistoryAccess;
  /** The tag `host` of the agent's own series, which the history keeps without it. */
  readonly host: string | undefined;
  /** Time between samples, ms. */
  readonly interval: number;
  /** ms since the Unix epoch. */
  readonly now: number;
}

interface Watched {
  readonly set: SeriesSet;
  /** With `host`. */
  readonly tags: Tags;
  readonly fields: readonly string[];
}

/** @param signal aborts, such as because nobody waits for the answer */
export async function pastOf(
  options: PastOptions,
  signal: AbortSignal,
): Promise<Pick<RulePreviewAnswer, 'past' | 'noPast'>> {
  const { rule, history, host, now, interval } = options;
  if (rule.hosts !== undefined) return { noPast: 'A rule across hosts is not tried on the history' };
  const { oldestAt } = await history.status();
  const all = (await history.sets()).flatMap((known) => watchedOf(rule, known, host));
  const watched = all.slice(0, MOST_SERIES);
  // What is not in the file yet has no oldest sample.
  const begin = Math.max(oldestAt ?? 0, now - WEEK_MS);
  const step = stepFor(now - begin, watched.length, interval);
  const from = Math.floor(begin / step) * step;
  const spans = new Spans();
  let firstAt: number | undefined;
  const simulator = new Simulator({ rules: [rule], settings: { startupGrace: 0 }, onEvent: spans.take, step });
  for (let start = from; start < now; start += CHUNK * step) {
    const range = { from: start, to: Math.min(start + CHUNK * step, Math.ceil(now / step) * step), step };
    const first = await evaluate(simulator, watched, { history, range }, signal);
    firstAt ??= first;
  }
  if (firstAt === undefined) return { noPast: 'The history has no series that it watches' };
  simulator.finish();
  const past: Past = {
    from: firstAt,
    to: now,
    step,
    series: watched.length,
    leftOut: all.length - watched.length,
    fired: spans.fired,
    spans: spans.newest(),
    unit: rule.unit,
  };
  return { past };
}

/** At least the interval of the samples, and so long that not too many are evaluated. All in ms. */
export function stepFor(length: number, series: number, interval: number): number {
  const least = Math.max(interval, (length * series) / MOST_SAMPLES);
  return STEPS_MS.find((each) => each >= least) ?? least;
}

function watchedOf(rule: Rule, { set, fields }: KnownSet, host: string | undefined): readonly Watched[] {
  if (set.host !== '') return [];
  const tags = host === undefined ? set.tags : { ...set.tags, host };
  const watch: Watch | undefined = rule.watch(set.name, tags);
  const wanted = new Set(watch?.operands.map(({ field }) => field));
  const found = fields.filter(({ name, type }) => wanted.has(name) && type !== 'string').map(({ name }) => name);
  return found.length === 0 ? [] : [{ set, tags, fields: found }];
}

interface Chunk extends Pick<PastOptions, 'history'> {
  readonly range: { readonly from: number; readonly to: number; readonly step: number };
}

/** @returns the time of the first sample, ms since the Unix epoch; undefined if there is none */
async function evaluate(
  simulator: Simulator,
  watched: readonly Watched[],
  { history, range }: Chunk,
  signal: AbortSignal,
): Promise<number | undefined> {
  const asked = watched.flatMap(({ set, fields }) => fields.map((field) => ({ set, field })));
  const { values, step, from } = await history.query(asked, ['last'], range);
  const columns = values.map(([column]) => column);
  const buckets = Math.round((range.to - range.from) / step);
  let observed = 0;
  let firstAt: number | undefined;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    let column = 0;
    for (const { set, tags, fields } of watched) {
      const known = fields.flatMap((field) => {
        const value = columns[column]?.[bucket] ?? NaN;
        column += 1;
        return Number.isNaN(value) ? [] : [[field, value] as const];
      });
      if (known.length === 0) continue;
      const at = from + bucket * step;
      firstAt ??= at;
      simulator.observe({ name: set.name, tags, fields: Object.fromEntries(known), time: nanoseconds(at) });
      observed += 1;
      if (observed % BREATH !== 0) continue;
      await setImmediate();
      signal.throwIfAborted();
    }
  }
  return firstAt;
}

/** From events to spans: an alert that became worse stays one. */
class Spans {
  readonly #all: OpenSpan[] = [];
  readonly #open = new Map<string, OpenSpan>();
  fired = 0;

  readonly take = ({ kind, alert, at }: AlertEvent): void => {
    const open = this.#open.get(alert.fingerprint);
    if (kind === 'fired') {
      this.fired += 1;
      const { host: _host, ...tags } = alert.tags;
      const series = Object.values(tags).join(' · ');
      const value = alert.value === undefined ? {} : { value: alert.value };
      const span = { at, level: alert.level, series, ...value };
      this.#open.set(alert.fingerprint, span);
      this.#all.push(span);
      if (this.#all.length > MOST_SPANS) this.#all.shift();
    } else if (kind === 'level_up' && open !== undefined) {
      open.level = alert.level;
      if (alert.value !== undefined) open.value = alert.value;
    } else if (kind === 'resolved' && open !== undefined) {
      open.until = at;
      this.#open.delete(alert.fingerprint);
    }
  };

  newest(): Span[] {
    return [...this.#all];
  }
}
