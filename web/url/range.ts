/** The range that all views show. It ends now and moves, or it is fixed. */
import { computed, signal } from '@preact/signals';

import { agentTime } from '../store/clock.ts';
import { pausedAt, tick } from '../store/live.ts';

import { address, adjust, goTo } from './location.ts';
import { parseSpan, parseSpanOf, parseTime, spanText, timeText, type Span } from './time.ts';

export const SPANS = ['15m', '1h', '6h', '24h', '7d', '30d'] as const;
const DEFAULT_SPAN = '15m';
const DEFAULT_MS = 900_000;
/** The history keeps 13 months. */
export const LONGEST_MS = 400 * 86_400_000;
export const SHORTEST_MS = 10_000;

/** What a view shows when the address says nothing else, such as the hours around an alert. The view sets and clears it. */
export const impliedRange = signal<Span | undefined>(undefined);

const ofAddress = computed<Span | undefined>(() => {
  const { search } = address.value;
  const [from, to] = [parseTime(search.get('from')), parseTime(search.get('to'))];
  if (from === undefined || to === undefined || to - from < SHORTEST_MS || to - from > LONGEST_MS) return undefined;
  return { from, to };
});

const fixed = computed<Span | undefined>(() => ofAddress.value ?? impliedRange.value);

/** Of a range that ends now, as in the address; undefined for a fixed one. */
export const liveSpan = computed(() => {
  if (fixed.value !== undefined) return undefined;
  const text = address.value.search.get('t');
  const ms = parseSpan(text);
  return text !== null && ms !== undefined && ms >= SHORTEST_MS && ms <= LONGEST_MS ? text : DEFAULT_SPAN;
});

/** Length of the range, ms. */
export const rangeLength = computed(() => {
  if (fixed.value !== undefined) return fixed.value.to - fixed.value.from;
  return parseSpan(liveSpan.value ?? DEFAULT_SPAN) ?? DEFAULT_MS;
});

/** What the charts show now. Follows the newest sample while it is live. */
export const range = computed<Span>(() => {
  if (fixed.value !== undefined) return fixed.value;
  const to = pausedAt.value ?? (tick.value === 0 ? agentTime() : Math.max(tick.value, agentTime() - 2000));
  return { from: to - rangeLength.value, to };
});

/** What in the address could not be understood, as a sentence. */
export const badAddress = computed<string | undefined>(() => {
  const { search } = address.value;
  for (const key of ['from', 'to', 'at'] as const) {
    const text = search.get(key);
    if (text !== null && parseTime(text) === undefined) return `The address has no valid time in ${key}=${cut(text)}.`;
  }
  const span = search.get('t');
  if (span !== null && fixed.value === undefined && liveSpan.value !== span) {
    return `The address has no valid range in t=${cut(span)}; this shows the last 15 min.`;
  }
  if (search.has('from') && search.has('to') && ofAddress.value === undefined) {
    return 'The range in the address is empty or too long; this shows the last 15 min.';
  }
  return undefined;
});

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

export function showLast(span: string): void {
  goTo({ t: span === DEFAULT_SPAN ? undefined : span, from: undefined, to: undefined, at: undefined, sel: undefined });
}

export function showRange({ from, to }: Span): void {
  goTo({ t: undefined, from: timeText(Math.round(from)), to: timeText(Math.round(to)), sel: undefined });
}

/** The keys of a fixed range, for links. */
export function rangeKeys({ from, to }: Span): Readonly<Record<string, string | undefined>> {
  return { t: undefined, from: timeText(Math.round(from)), to: timeText(Math.round(to)) };
}

/** The moment that the reader pinned, ms since the Unix epoch. */
export const pinned = computed(() => parseTime(address.value.search.get('at')));

/** Replaces the entry of the browser's history: pins are many. */
export function pin(at: number | undefined): void {
  adjust({ at: at === undefined ? undefined : timeText(Math.round(at / 1000) * 1000) });
}

export const selection = computed(() => parseSpanOf(address.value.search.get('sel')));

export function selectionKey(span: Span | undefined): string | undefined {
  return span === undefined ? undefined : spanText({ from: Math.round(span.from), to: Math.round(span.to) });
}
