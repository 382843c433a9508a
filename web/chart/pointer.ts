/** What pointers do on a chart: hover, pin, select, go back. With a finger a long press begins a selection. */
import { signal } from '@preact/signals';

import type { Span } from '../url/time.ts';

export interface PointerTarget {
  readonly over: HTMLElement;
  timeAt(x: number): number;
}

export interface PointerActions {
  hover(at: number | undefined): void;
  drag(span: Span | undefined): void;
  select(span: Span): void;
  click(at: number): void;
  back(): void;
}

/** Less is a click. */
const DRAG_PX = 4;
const LONG_PRESS_MS = 400;

/** Whether a finger selects, so that the page does not scroll meanwhile. */
export const isSelecting = signal(false);

/** @returns ends it */
export function listenToPointer(target: PointerTarget, actions: PointerActions): () => void {
  const { over } = target;
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const gesture = createGesture(target, actions);
  over.addEventListener('pointermove', gesture.move, options);
  over.addEventListener('pointerdown', gesture.down, options);
  over.addEventListener('pointerup', gesture.up, options);
  over.addEventListener('pointercancel', gesture.end, options);
  over.addEventListener('pointerleave', gesture.leave, options);
  over.addEventListener('dblclick', actions.back, options);
  const hold = (event: TouchEvent) => {
    if (isSelecting.value && event.cancelable) event.preventDefault();
  };
  over.addEventListener('touchmove', hold, { ...options, passive: false });
  return () => {
    gesture.end();
    stop.abort();
  };
}

function createGesture(target: PointerTarget, actions: PointerActions) {
  const { over } = target;
  let start: number | undefined;
  let isDrag = false;
  let press: ReturnType<typeof setTimeout> | undefined;
  const xOf = ({ clientX }: PointerEvent) => {
    const { left, width } = over.getBoundingClientRect();
    return Math.max(0, Math.min(width, clientX - left));
  };
  const spanTo = (x: number): Span => {
    const [a, b] = [target.timeAt(start ?? x), target.timeAt(x)];
    return { from: Math.min(a, b), to: Math.max(a, b) };
  };
  const end = () => {
    clearTimeout(press);
    start = undefined;
    isDrag = false;
    isSelecting.value = false;
    actions.drag(undefined);
  };
  return {
    end,
    move: (event: PointerEvent) => {
      if (!event.isPrimary) return;
      const x = xOf(event);
      actions.hover(target.timeAt(x));
      if (start === undefined) return;
      if (Math.abs(x - start) >= DRAG_PX) {
        clearTimeout(press);
        isDrag = event.pointerType !== 'touch' || isSelecting.value;
      }
      if (isDrag) actions.drag(spanTo(x));
    },
    down: (event: PointerEvent) => {
      // A second finger: no press, no selection.
      if (!event.isPrimary) end();
      if (event.button !== 0 || !event.isPrimary) return;
      start = xOf(event);
      if (event.pointerType === 'touch') press = setTimeout(() => (isSelecting.value = true), LONG_PRESS_MS);
      else over.setPointerCapture(event.pointerId);
    },
    up: (event: PointerEvent) => {
      if (!event.isPrimary) return;
      const x = xOf(event);
      const [span, wasPressed] = [isDrag ? spanTo(x) : undefined, start !== undefined];
      end();
      if (span !== undefined) actions.select(span);
      else if (wasPressed) actions.click(target.timeAt(x));
    },
    leave: () => {
      if (start === undefined) actions.hover(undefined);
    },
  };
}
