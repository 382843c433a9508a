/** Only the rows of a long table that are on the screen are in the document. All rows have the same height. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

export interface ShownRows {
  readonly from: number;
  /** After the last. */
  readonly to: number;
}

/** Rows beyond the screen; the window moves by so many at once. */
const STEP = 12;

/** @param body holds the rows; above them there may be one empty row as high as those that are not drawn */
export function useShownRows(body: { readonly current: HTMLElement | null }, count: number, height: number): ShownRows {
  const shown = useSignal<ShownRows>({ from: 0, to: 3 * STEP });
  const look = useRef<() => void>(() => undefined);
  look.current = () => {
    const top = body.current?.getBoundingClientRect().top;
    if (top === undefined) return;
    const next = rowsBetween(-top / height, (innerHeight - top) / height, count);
    if (next.from !== shown.peek().from || next.to !== shown.peek().to) shown.value = next;
  };
  useEffect(() => {
    look.current();
  });
  useEffect(() => {
    const listen = () => {
      look.current();
    };
    addEventListener('scroll', listen, { passive: true });
    addEventListener('resize', listen);
    return () => {
      removeEventListener('scroll', listen);
      removeEventListener('resize', listen);
    };
  }, []);
  const { from, to } = shown.value;
  return { from: Math.min(from, count), to: Math.min(to, count) };
}

/** In whole steps, so that most scrolling changes nothing. @param first the row at the upper edge of the screen */
export function rowsBetween(first: number, last: number, count: number): ShownRows {
  const whole = (row: number) => Math.max(0, Math.min(count, row * STEP));
  return { from: whole(Math.floor(first / STEP) - 1), to: whole(Math.ceil(last / STEP) + 1) };
}
