/** Events of the range that is shown, for markers and the lane of events. */
import { computed, effect, signal } from '@preact/signals';

import type { EventInfo, EventsAnswer } from '../api/answers.ts';
import { get } from '../api/client.ts';
import type { Marker } from '../chart/paint.ts';
import { liveSpan, range, rangeLength } from '../url/range.ts';

import { elsewhere, liveEvents, reconnects, session } from './live.ts';

const MOST = 200;
const REFRESH_MS = 60_000;

const loaded = signal<readonly EventInfo[]>([]);

/** In the range, the oldest first. */
export const rangeEvents = computed<readonly EventInfo[]>(() => {
  const { from, to } = range.value;
  const all = new Map([...loaded.value, ...liveEvents.value].map((event) => [`${event.at} ${event.title}`, event]));
  return [...all.values()].filter(({ at, until }) => at <= to && (until ?? at) >= from).sort((a, b) => a.at - b.at);
});

export const rangeMarkers = computed<readonly Marker[]>(() => {
  const { from } = range.value;
  return rangeEvents.value
    .filter(({ at, kind }) => at >= from && kind !== 'gap')
    .map(({ at, level }) => ({ at, level }));
});

/** Asks when the range changes, and each minute while it moves. @returns ends it */
export function followEvents(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = new AbortController();
  const load = async (signal: AbortSignal) => {
    const { from, to } = range.peek();
    try {
      const query = { from: Math.floor(from), to: Math.ceil(to), limit: MOST };
      loaded.value = (await get<EventsAnswer>('events', query, signal)).events;
    } catch {
      // Charts without markers are better than none; the next minute tries again.
    }
    if (!signal.aborted && liveSpan.peek() !== undefined) timer = setTimeout(() => void load(signal), REFRESH_MS);
  };
  const end = effect(() => {
    const [, , ,] = [rangeLength.value, reconnects.value, liveSpan.value === undefined ? range.value.from : 0];
    if (session.value?.mayRead !== true || elsewhere.value !== undefined) return;
    clearTimeout(timer);
    stop.abort();
    stop = new AbortController();
    void load(stop.signal);
  });
  return () => {
    end();
    clearTimeout(timer);
    stop.abort();
  };
}
