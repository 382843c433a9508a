/** Into a selection, and back the way that the reader came. */
import { address, goTo } from '../url/location.ts';
import { pin, pinned, selection, showRange } from '../url/range.ts';
import type { Span } from '../url/time.ts';

type RangeKeys = Readonly<Record<'t' | 'from' | 'to', string | undefined>>;

const MOST_STEPS = 50;
const steps: RangeKeys[] = [];

/** So that `zoomOut` leads back to what is shown now. */
export function rememberRange(): void {
  const { search } = address.value;
  const key = (name: string) => search.get(name) ?? undefined;
  steps.push({ t: key('t'), from: key('from'), to: key('to') });
  if (steps.length > MOST_STEPS) steps.shift();
}

export function zoomTo(span: Span): void {
  rememberRange();
  showRange(span);
}

/** Removes the selection; without one, returns to the range before. */
export function zoomOut(): void {
  if (selection.value !== undefined) {
    goTo({ sel: undefined });
    return;
  }
  const step = steps.pop();
  if (step !== undefined) goTo(step);
}

/** What Esc does: unpins first, then goes back. */
export function escape(): void {
  if (pinned.value !== undefined) pin(undefined);
  else zoomOut();
}
