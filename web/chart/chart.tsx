/** The plot of a chart: a canvas, the line under the pointer, and the selection. */
import { useSignalEffect, type ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import { Icon } from '../parts/icon.tsx';
import { inNextFrame } from '../store/frame.ts';
import { goTo } from '../url/location.ts';
import { liveSpan, pin, pinned, range, selection, selectionKey } from '../url/range.ts';

import { dragging, hoverAt, isByKeys, shownMoment } from './cursor.ts';
import { createScaler, drawnColumns } from './drawn.ts';
import type { ChartSpec, Points } from './model.ts';
import type { Band, Marker } from './paint.ts';
import { palette } from './palette.ts';
import { createPlot, type Plot, type PlotLayout } from './plot.ts';
import { listenToPointer } from './pointer.ts';
import { tabled } from './tabled.ts';
import { zoomOut } from './zoom.ts';

export interface ChartProps {
  readonly spec: ChartSpec;
  readonly points: ReadonlySignal<Points>;
  readonly layout: Omit<PlotLayout, 'width'>;
  readonly markers?: ReadonlySignal<readonly Marker[]>;
  readonly bands?: ReadonlySignal<readonly Band[]>;
  readonly compared?: ReadonlySignal<readonly (readonly (number | null)[])[] | undefined>;
  /** A sentence for those who do not see it. */
  readonly label: string;
}

export function Chart(props: ChartProps): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLDivElement>(null);
  const [plot, setPlot] = useState<Plot>();
  const { spec, layout } = props;
  const colors = palette.value;

  useEffect(() => {
    const parent = element.current;
    if (parent === null) return;
    const made = createPlot(parent, spec, { ...layout, width: parent.clientWidth || 240 }, colors);
    const stopPointer = listenToPointer(made, pointerActions());
    const observer = new ResizeObserver(() => {
      made.resize(parent.clientWidth, layout.height);
      inNextFrame(() => {
        placeSelection(made, mark.current);
      });
    });
    observer.observe(parent);
    if (mark.current !== null) made.over.append(mark.current);
    setPlot(made);
    return () => {
      observer.disconnect();
      stopPointer();
      made.destroy();
    };
  }, [spec, layout.height, layout.axisWidth, colors]);

  useDrawing(plot, props, () => {
    placeSelection(plot, mark.current);
  });
  useSignalEffect(() => {
    plot?.point(shownMoment.value);
  });
  useSignalEffect(() => {
    const [, , ,] = [dragging.value, selection.value, range.value];
    placeSelection(plot, mark.current);
  });
  return (
    <>
      <div class="plot" ref={element} role="img" aria-label={props.label}>
        <div class="plot-sel" ref={mark} hidden />
      </div>
      <button
        type="button"
        class="as-table"
        aria-label={`${spec.title} as table`}
        title="As table"
        onClick={() => {
          tabled.value = { spec, points: props.points.peek() };
        }}
      >
        <Icon name="table" />
      </button>
    </>
  );
}

/** Draws in the next frame after a change, and only while the chart is in view. */
function useDrawing(plot: Plot | undefined, props: ChartProps, onDrawn: () => void): void {
  const { spec, points, markers, bands, compared } = props;
  const scaler = useMemo(() => createScaler(), [spec.id]);
  const isVisible = useRef(true);
  const draw = useMemo(
    () => () => {
      if (plot === undefined || !isVisible.current) return;
      const shown = points.peek();
      const drawn = drawnColumns(spec, shown.values);
      plot.update({
        points: shown,
        drawn,
        scale: scaler(spec, drawn, performance.now()),
        range: range.peek(),
        markers: markers?.peek() ?? [],
        bands: bands?.peek() ?? [],
        ...(compared?.peek() !== undefined && { compared: drawnColumns(spec, compared.peek() ?? []) }),
        isLive: liveSpan.peek() !== undefined,
      });
      plot.point(shownMoment.peek());
      onDrawn();
    },
    [plot, spec],
  );
  useEffect(() => {
    if (plot === undefined) return;
    const observer = new IntersectionObserver((entries) => {
      isVisible.current = entries.at(-1)?.isIntersecting ?? true;
      inNextFrame(draw);
    });
    observer.observe(plot.over);
    return () => {
      observer.disconnect();
    };
  }, [plot, draw]);
  useSignalEffect(() => {
    const [, , , ,] = [points.value, markers?.value, bands?.value, compared?.value, range.value];
    inNextFrame(draw);
  });
  useEffect(() => {
    inNextFrame(draw);
  }, [draw]);
}

function pointerActions(): Parameters<typeof listenToPointer>[1] {
  return {
    hover: (at) => {
      isByKeys.value = false;
      hoverAt.value = at;
    },
    drag: (span) => {
      dragging.value = span;
    },
    select: (span) => {
      goTo({ sel: selectionKey(span) });
    },
    click: (at) => {
      pin(pinned.value === undefined ? at : undefined);
    },
    back: zoomOut,
  };
}

function placeSelection(plot: Plot | undefined, mark: HTMLElement | null): void {
  if (plot === undefined || mark === null) return;
  const span = dragging.peek() ?? selection.peek();
  mark.hidden = span === undefined;
  if (span === undefined) return;
  const width = plot.over.clientWidth;
  const left = Math.max(0, Math.min(width, plot.positionOf(span.from)));
  const right = Math.max(0, Math.min(width, plot.positionOf(span.to)));
  mark.style.left = `${left}px`;
  mark.style.width = `${right - left}px`;
}
