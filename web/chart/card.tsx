/** A chart as a card: title, value, plot, legend. Its height never changes. */
import { useComputed, type ReadonlySignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import { after, calm, scaleFor, withUnit } from '../format/value.ts';
import { clockSeconds } from '../format/time.ts';
import { Icon } from '../parts/icon.tsx';
import { connection, tick } from '../store/live.ts';
import { liveSpan, range } from '../url/range.ts';

import { Chart } from './chart.tsx';
import { shownMoment } from './cursor.ts';
import { greatestOf } from './drawn.ts';
import { lastValue, nearest, type ChartSpec, type Points } from './model.ts';
import type { Marker } from './paint.ts';
import { intervalMs, useChartPoints, type ChartPoints } from './points.ts';
import { useChartKeys } from './walk.ts';

/** What stands at the right of the title, from the values of the lines at the moment that is shown. */
export interface Headline {
  readonly value: number;
  readonly unit: string;
  /** Instead of the unit, such as `of 64 GiB`. */
  readonly words?: string;
}

export interface ChartCardProps {
  readonly spec: ChartSpec;
  /** Undefined if there is none. */
  readonly headline: (values: readonly number[]) => Headline;
  /** Beside the title. */
  readonly note?: ComponentChildren;
  readonly markers?: ReadonlySignal<readonly Marker[]>;
  /** Instead of the plot, when this host has no such series. */
  readonly empty?: ComponentChildren;
}

const PLOT_HEIGHT = 152;
const LAYOUT = { height: PLOT_HEIGHT, axisWidth: 46, hasTimeAxis: true, hasUnit: true, padding: [8, 16] } as const;
/** Of the plot on a desk; the number of points asked for. */
const PLOT_WIDTH = 300;

export function ChartCard(props: ChartCardProps): JSX.Element {
  const { spec, note, markers } = props;
  const data = useChartPoints(spec, PLOT_WIDTH);
  // What comes live may be of a series that is not in the list yet.
  const isEmpty = useComputed(() => data.points.value.times.length === 0);
  const empty = isEmpty.value ? props.empty : undefined;
  const values = useShownValues(spec, data.points);
  const label = useMemo(() => labelOf(spec, props.headline(values.peek())), [spec, liveSpan.value]);
  const keys = useChartKeys(data.points);
  return (
    <section class="card chart" tabIndex={0} aria-label={spec.title} onKeyDown={keys}>
      <div class="ch">
        <h2>{spec.title}</h2>
        {note}
        {empty === undefined && <Value spec={spec} values={values} headline={props.headline} points={data.points} />}
      </div>
      <div class="plot-box">
        <Chart spec={spec} points={data.points} layout={LAYOUT} label={label} {...(markers && { markers })} />
        {empty !== undefined ? <div class="msg">{empty}</div> : <PlotMessage data={data} />}
      </div>
      <Legend spec={spec} values={values} points={data.points} isHidden={empty !== undefined} />
    </section>
  );
}

/** By line, at the moment that is shown, or the newest. */
function useShownValues(spec: ChartSpec, points: ReadonlySignal<Points>): ReadonlySignal<readonly number[]> {
  return useComputed(() => valuesAt(spec, points.value, shownMoment.value));
}

export function valuesAt(spec: ChartSpec, points: Points, at: number | undefined): readonly number[] {
  const step = Math.max(intervalMs(), (range.peek().to - range.peek().from) / PLOT_WIDTH) / 1000;
  if (at === undefined) {
    const since = liveSpan.value === undefined ? -Infinity : range.peek().to / 1000 - 6 * step;
    return spec.lines.map((_, line) => lastValue(points, line, since));
  }
  const index = nearest(points, at / 1000, 2 * step);
  return spec.lines.map((_, line) => (index === undefined ? NaN : (points.values[line]?.[index] ?? NaN)));
}

function Value({
  spec,
  values,
  headline,
  points,
}: {
  spec: ChartSpec;
  values: ReadonlySignal<readonly number[]>;
  headline: ChartCardProps['headline'];
  points: ReadonlySignal<Points>;
}): JSX.Element {
  const shown = useComputed(() => headline(values.value));
  const scale = useComputed(() => scaleFor(spec.unit, greatestOf(spec, points.value.values)));
  const text = useComputed(() => {
    const { value } = shown.value;
    return points.value.times.length === 0 && !Number.isFinite(value)
      ? ''
      : calm(value / scale.value.divisor, shown.value.unit);
  });
  const unit = useComputed(() =>
    text.value === '' || text.value === '—' ? '' : after(shown.value.words ?? scale.value.unit),
  );
  const isStale = useComputed(() => connection.value.state === 'lost');
  return (
    <span class={isStale.value ? 'val stale' : 'val'}>
      <span>{text}</span>
      <span class="u">{unit}</span>
    </span>
  );
}

function PlotMessage({ data: { points, state, retry } }: { data: ChartPoints }): JSX.Element | null {
  const isEmpty = useComputed(() => points.value.times.length < 2);
  const { value } = state;
  if (!isEmpty.value || value.state === 'loading') return null;
  if (value.state === 'failed') {
    return (
      <div class="msg">
        <p>
          <Icon name="warn" tone="warn" />
          {value.message}
        </p>
        <button type="button" class="btn q" onClick={retry}>
          Try again
        </button>
      </div>
    );
  }
  return (
    <div class="msg">
      <p>{liveSpan.value === undefined ? 'There is no data of this time.' : 'Collecting.'}</p>
      <p class="mut">
        {liveSpan.value === undefined
          ? 'The agent did not run, or this was before the history begins.'
          : `The chart begins with the second sample, in ${Math.round(intervalMs() / 1000)} s at the latest.`}
      </p>
    </div>
  );
}

interface LegendProps {
  readonly spec: ChartSpec;
  readonly values: ReadonlySignal<readonly number[]>;
  readonly points: ReadonlySignal<Points>;
}

function Legend({ spec, values, points, isHidden }: LegendProps & { readonly isHidden: boolean }): JSX.Element {
  return (
    <div class="leg" aria-hidden="true">
      {!isHidden &&
        spec.lines.map((line, index) => (
          <span key={line.label}>
            <i class={`k c${line.color} ${line.style === 'line' ? '' : 'f'}`} />
            {line.label} <LegendValue spec={spec} values={values} points={points} index={index} />
          </span>
        ))}
      {spec.more !== undefined && (
        <span>
          <i class="k c5" />
          {spec.more} more
        </span>
      )}
    </div>
  );
}

function LegendValue({ spec, values, points, index }: LegendProps & { readonly index: number }): JSX.Element {
  const text = useComputed(() => {
    const { divisor } = scaleFor(spec.unit, greatestOf(spec, points.value.values));
    return calm((values.value[index] ?? NaN) / divisor, spec.unit);
  });
  return <span class="leg-n">{text}</span>;
}

/** Once for a range: a label that changes each second would be read out again and again. */
function labelOf({ title, lines }: ChartSpec, { value, unit, words }: Headline): string {
  const names = lines.map(({ label }) => label.replace(/[↑↓] /, '')).join(', ');
  const { from, to } = range.peek();
  const last = Number.isFinite(value) ? `: ${withUnit(value, unit)}${words === undefined ? '' : ` ${words}`}` : '';
  return `${title} (${names}), ${clockSeconds(from)} to ${clockSeconds(to)}${tick.peek() === 0 ? '' : last}`;
}
