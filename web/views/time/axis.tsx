/** The time axis under all charts, with the moment under the pointer as an inverted label. */
import { useComputed, useSignal, type ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { shownMoment } from '../../chart/cursor.ts';
import { timeTicks } from '../../chart/scales.ts';
import { clockSeconds, dayMonth, hostTime } from '../../format/time.ts';
import { host } from '../../store/live.ts';
import { range } from '../../url/range.ts';

import { axisWidth, rightPadding } from './layout.ts';

const DAY_MS = 86_400_000;
const CHARACTER = 6.3;
/** px */
const COVERED = 52;

/** The width of an element, px; 0 before it is known. */
export function useWidth(): {
  readonly ref: { current: HTMLDivElement | null };
  readonly width: ReadonlySignal<number>;
} {
  const ref = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => {
      width.value = element.clientWidth;
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  return { ref, width };
}

/** px from the left edge of the card. */
export function placeOf(at: number, width: number): number {
  const { from, to } = range.value;
  return axisWidth() + ((at - from) / (to - from)) * (width - axisWidth() - rightPadding());
}

export function TimeAxis(): JSX.Element {
  const { ref, width } = useWidth();
  const inner = width.value - axisWidth() - rightPadding();
  const { from, to } = range.value;
  const ticks = inner > 0 ? timeTicks(from / 1000, to / 1000, inner) : { at: [], labels: [] };
  return (
    <div class="axis" ref={ref}>
      <svg width="100%" height="26" aria-hidden="true">
        {ticks.at.map((at, index) => {
          const x = placeOf(at * 1000, width.value);
          const isCut = x < axisWidth() + 16 || x > width.value - 20 || isCovered(x, width.value);
          return isCut ? null : (
            <text key={at} x={x} y="17" text-anchor="middle">
              {ticks.labels[index]}
            </text>
          );
        })}
        <MomentLabel width={width} />
      </svg>
    </div>
  );
}

/** Whether the label of the moment is there. */
function isCovered(x: number, width: number): boolean {
  return shownMoment.value !== undefined && Math.abs(placeOf(shownMoment.value, width) - x) < COVERED;
}

function MomentLabel({ width }: { width: ReadonlySignal<number> }): JSX.Element | null {
  const text = useComputed(() => (shownMoment.value === undefined ? '' : labelOf(shownMoment.value)));
  if (shownMoment.value === undefined || width.value === 0) return null;
  const { from, to } = range.value;
  if (shownMoment.value < from || shownMoment.value > to) return null;
  const half = (text.value.length * CHARACTER + 12) / 2;
  const x = Math.max(half + 2, Math.min(width.value - half - 2, placeOf(shownMoment.value, width.value)));
  return (
    <g class="moment">
      <rect x={x - half} y="3" width={half * 2} height="20" rx="4" />
      <text x={x} y="17" text-anchor="middle">
        {text}
      </text>
    </g>
  );
}

/** With the day in long ranges, and the host's time when its zone is another. */
function labelOf(at: number): string {
  const { from, to } = range.value;
  const own = to - from > DAY_MS ? `${dayMonth(at)}, ${clockSeconds(at)}` : clockSeconds(at);
  const other = host.value === undefined ? undefined : hostTime(at, host.value.timeZone);
  return other === undefined ? own : `${own} · ${other}`;
}
