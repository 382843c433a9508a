/** One chart of Time: as wide as the page, values at the right of the title. */
import { useComputed, type ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import { valuesAt } from '../../chart/card.tsx';
import { Chart } from '../../chart/chart.tsx';
import { aligned, useEarlier, useUsual, type Usual } from '../../chart/compare.ts';
import { shownMoment } from '../../chart/cursor.ts';
import { greatestOf } from '../../chart/drawn.ts';
import type { ChartLine, ChartSpec } from '../../chart/model.ts';
import type { Band } from '../../chart/paint.ts';
import { palette } from '../../chart/palette.ts';
import { useChartPoints } from '../../chart/points.ts';
import { useChartKeys } from '../../chart/walk.ts';
import { calm, scaleFor, type Scale } from '../../format/value.ts';
import { isPhone } from '../../parts/media.ts';
import { rangeMarkers } from '../../store/events.ts';
import { range } from '../../url/range.ts';

import { axisWidth, rightPadding } from './layout.ts';

const TITLE_HEIGHT = 24;
/** Buckets asked for: of a plot on a desk. */
const WIDTH = 900;

export function Strip({ spec, height }: { spec: ChartSpec; height: number }): JSX.Element {
  const { points, state, retry } = useChartPoints(spec, WIDTH);
  const usual = useUsual(spec);
  const earlier = useEarlier(spec, WIDTH);
  const bands = useComputed(() => bandsOf(usual.value));
  const compared = useComputed(() =>
    earlier.value === undefined ? undefined : aligned(points.value.times, earlier.value),
  );
  const values = useComputed(() => valuesAt(spec, points.value, shownMoment.value));
  const scale = useComputed(() => scaleFor(spec.unit, greatestOf(spec, points.value.values)));
  const layout = useMemo(
    () => ({
      height: height - TITLE_HEIGHT - 1,
      axisWidth: axisWidth(),
      hasTimeAxis: false,
      hasUnit: false,
      padding: [8, rightPadding()] as const,
    }),
    [height, isPhone.value],
  );
  return (
    <section class="strip-chart" tabIndex={0} aria-label={spec.title} onKeyDown={useChartKeys(points)}>
      <div class="tl">
        <h2 class="cut">
          {spec.title} <span class="u">{useComputed(() => scale.value.unit)}</span>
        </h2>
        {state.value.state === 'failed' && (
          <button type="button" class="warn" onClick={retry}>
            {state.value.message} Try again
          </button>
        )}
        {spec.lines.toReversed().map((line) => (
          <LegendEntry
            key={line.label}
            line={line}
            index={spec.lines.indexOf(line)}
            values={values}
            scale={scale}
            unit={spec.unit}
          />
        ))}
        {spec.more !== undefined && <span>{spec.more} more</span>}
        <UsualEntry usual={usual} scale={scale} unit={spec.unit} />
      </div>
      <div class="strip-plot" ref={useHeight(layout.height)}>
        <Chart
          spec={spec}
          points={points}
          layout={layout}
          markers={rangeMarkers}
          bands={bands}
          compared={compared}
          label={`${spec.title}: ${spec.lines.map(({ label }) => label).join(', ')}`}
        />
      </div>
    </section>
  );
}

/** By CSSOM: the policy of the page allows no style attribute. */
function useHeight(height: number): (element: HTMLElement | null) => void {
  return (element) => {
    if (element !== null) element.style.height = `${height}px`;
  };
}

interface Shown {
  readonly scale: ReadonlySignal<Scale>;
  readonly unit: string;
}

function LegendEntry({
  line,
  index,
  values,
  scale,
  unit,
}: Shown & { line: ChartLine; index: number; values: ReadonlySignal<readonly number[]> }): JSX.Element {
  const text = useComputed(() => calm((values.value[index] ?? NaN) / scale.value.divisor, unit));
  return (
    <span>
      <i class={`k c${line.color}`} />
      {isPhone.value ? (line.short ?? line.label) : line.label} <b>{text}</b>
    </span>
  );
}

function UsualEntry({ usual, scale, unit }: Shown & { usual: ReadonlySignal<Usual | undefined> }): JSX.Element | null {
  const text = useComputed(() => {
    const band = usual.value;
    if (band === undefined) return '';
    const at = (shownMoment.value ?? range.peek().to) / 1000;
    const index = Math.max(
      0,
      band.times.findLastIndex((time) => time <= at),
    );
    const edges = [band.low[index], band.high[index]].map((value) => calm((value ?? NaN) / scale.value.divisor, unit));
    return edges.join(' – ');
  });
  if (usual.value === undefined || isPhone.value) return null;
  return (
    <span>
      <i class="k bd" />
      usual <b class="wide">{text}</b>
    </span>
  );
}

function bandsOf(usual: Usual | undefined): readonly Band[] {
  if (usual === undefined) return [];
  const { band, bandLine } = palette.value;
  return [{ ...usual, fill: band, edge: bandLine }];
}
