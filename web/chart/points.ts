/** The points of a chart: the history once, then each second what the stream brings. */
import { useComputed, useSignal, useSignalEffect, type ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { ApiError } from '../api/client.ts';
import { queryColumns, type HistoryColumns } from '../store/history.ts';
import { agentTime } from '../store/clock.ts';
import { host, pausedAt, reconnects, ring, ringColumns, tick } from '../store/live.ts';
import { namesOf } from '../store/formula.ts';
import { liveSpan, range, rangeLength } from '../url/range.ts';
import type { Span } from '../url/time.ts';

import { joinPoints, NO_POINTS, type ChartSpec, type Points } from './model.ts';

export type ChartState =
  { readonly state: 'loading' } | { readonly state: 'ready' } | { readonly state: 'failed'; readonly message: string };

export interface ChartPoints {
  readonly points: ReadonlySignal<Points>;
  readonly state: ReadonlySignal<ChartState>;
  readonly retry: () => void;
}

const DEFAULT_INTERVAL_MS = 10_000;
/** Beyond that the ring is not long enough, and the history has enough points. */
const RING_SPAN_MS = 900_000;
/** The history gets samples late: what it and the stream both lacked at first is there by then. */
const LATE_MS = 10_000;

export function intervalMs(): number {
  return host.value?.agent.intervalMs ?? DEFAULT_INTERVAL_MS;
}

/** @param width px of the plot */
export function useChartPoints(spec: ChartSpec, width: number): ChartPoints {
  const history = useSignal<HistoryColumns | undefined>(undefined);
  const state = useSignal<ChartState>({ state: 'loading' });
  const attempt = useSignal(0);
  const current = useSignal(spec);
  useEffect(() => {
    current.value = spec;
  }, [spec]);

  useSignalEffect(() => {
    const [lines, tries, back] = [current.value, attempt.value, reconnects.value];
    const length = rangeLength.value;
    // A fixed range asks again when it moves, and while it is not over.
    const isFixed = liveSpan.value === undefined;
    const isLive = isFixed ? range.value.to > agentTime() : true;
    // Before the host is known, so is its clock not.
    if (tries < 0 || back < 0 || host.value === undefined) return;
    return follow(lines, length, isLive, width, (outcome) => {
      if (outcome instanceof Error) state.value = { state: 'failed', message: outcome.message };
      else {
        history.value = outcome;
        state.value = { state: 'ready' };
      }
    });
  });

  const points = useComputed(() => {
    if (tick.value === 0 && history.value === undefined) return NO_POINTS;
    const isShort = rangeLength.value <= RING_SPAN_MS;
    return joinPoints(
      current.value.lines,
      history.value,
      isShort ? ringColumns() : undefined,
      range.value,
      intervalMs(),
    );
  });
  return {
    points,
    state,
    retry: () => {
      attempt.value += 1;
    },
  };
}

/** Asks, and for a range that ends now asks again. @returns ends it */
function follow(
  spec: ChartSpec,
  length: number,
  isLive: boolean,
  width: number,
  onAnswer: (outcome: HistoryColumns | Error) => void,
): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let most = LATE_MS;
  const interval = intervalMs();
  const buckets = Math.max(1, Math.min(Math.floor(width), Math.ceil(length / interval)));
  const ask = async () => {
    try {
      onAnswer(await queryColumns(formulasOf(spec), spanNow(), buckets, stop.signal));
    } catch (error) {
      if (stop.signal.aborted) return;
      onAnswer(error instanceof ApiError ? error : new ApiError(String(error), 0));
    }
    if (isLive && !stop.signal.aborted)
      timer = setTimeout(() => void ask(), Math.min(most, refreshMs(spec, length, interval, buckets)));
    most = Infinity;
  };
  void ask();
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}

function formulasOf({ lines }: ChartSpec) {
  return lines.map(({ formula }) => formula);
}

/** Not read as signals: a new sample is no reason to ask again. */
function spanNow(): Span {
  return range.peek();
}

/** What the stream has needs the history only for what was before it. */
function refreshMs(spec: ChartSpec, length: number, interval: number, buckets: number): number {
  const isStreamed = formulasOf(spec).every((formula) => namesOf(formula).every((name) => ring.has(name)));
  if (pausedAt.peek() !== undefined || (isStreamed && length <= RING_SPAN_MS)) return 60_000;
  return Math.max(interval, length / buckets);
}
