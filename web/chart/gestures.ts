/** Gestures on any chart that move the range of all: the wheel with Ctrl zooms, two fingers pan and zoom. */
import { agentTime } from '../store/clock.ts';
import { adjust } from '../url/location.ts';
import { LONGEST_MS, range, rangeKeys, SHORTEST_MS } from '../url/range.ts';
import type { Span } from '../url/time.ts';

import { rememberRange } from './zoom.ts';

/** Each change of the range asks the history. */
const SHOW_MS = 120;
/** A gesture that pauses for so long has ended: Back leads to before it. */
const PAUSE_MS = 600;
/** By e for so many px of the wheel. */
const WHEEL_PX = 500;
const LINE_PX = 16;
/** Fingers that are nearer only pan; part of the width. */
const NEAR = 0.1;

let wanted: Span | undefined;
let showing: ReturnType<typeof setTimeout> | undefined;
let pause: ReturnType<typeof setTimeout> | undefined;
/** The times that were under two fingers. */
let held: readonly [number, number] | undefined;

export function startGestures(): void {
  const options = { passive: false, capture: true };
  document.addEventListener('wheel', onWheel, options);
  document.addEventListener('touchstart', hold);
  document.addEventListener('touchmove', onTouchMove, options);
  document.addEventListener('touchend', hold);
  document.addEventListener('touchcancel', hold);
}

function onWheel(event: WheelEvent): void {
  const plot = plotOf(event.target);
  if (!event.ctrlKey || plot === undefined) return;
  event.preventDefault();
  const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1);
  const { from, to } = wanted ?? range.peek();
  const part = partOf(plot, event.clientX);
  const length = allowed((to - from) * Math.exp(pixels / WHEEL_PX));
  const start = from + part * (to - from) - part * length;
  want({ from: start, to: start + length });
}

function hold(event: TouchEvent): void {
  const parts = fingersOf(event);
  const { from, to } = wanted ?? range.peek();
  held = parts && [from + parts[0] * (to - from), from + parts[1] * (to - from)];
}

function onTouchMove(event: TouchEvent): void {
  const parts = fingersOf(event);
  if (parts === undefined || held === undefined) return;
  if (event.cancelable) event.preventDefault();
  const { from, to } = wanted ?? range.peek();
  const apart = parts[1] - parts[0];
  const isPan = Math.abs(apart) < NEAR || (held[1] - held[0]) / apart <= 0;
  const length = isPan ? to - from : allowed((held[1] - held[0]) / apart);
  const start = (held[0] + held[1]) / 2 - ((parts[0] + parts[1]) / 2) * length;
  want({ from: start, to: start + length });
}

/** Where two fingers are on a chart; undefined for any other number. */
function fingersOf({ target, touches }: TouchEvent): readonly [number, number] | undefined {
  const plot = plotOf(target);
  const [one, two, third] = touches;
  if (plot === undefined || one === undefined || two === undefined || third !== undefined) return undefined;
  return [partOf(plot, one.clientX), partOf(plot, two.clientX)];
}

/** Beyond now there is nothing. */
function want({ from, to }: Span): void {
  if (wanted === undefined) rememberRange();
  const over = Math.max(0, to - agentTime());
  wanted = { from: from - over, to: to - over };
  showing ??= setTimeout(show, SHOW_MS);
  clearTimeout(pause);
  pause = setTimeout(() => {
    wanted = undefined;
  }, PAUSE_MS);
}

function show(): void {
  showing = undefined;
  if (wanted !== undefined) adjust(rangeKeys(wanted));
}

function allowed(length: number): number {
  return Math.max(SHORTEST_MS, Math.min(LONGEST_MS, length));
}

function plotOf(target: EventTarget | null): Element | undefined {
  return (target instanceof Element ? target.closest('.u-over') : undefined) ?? undefined;
}

/** From 0 at the left edge to 1. */
function partOf(plot: Element, x: number): number {
  const { left, width } = plot.getBoundingClientRect();
  return (x - left) / Math.max(1, width);
}
