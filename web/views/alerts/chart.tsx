/** The chart of an alert with its limits: an hour before and after it began. */
import { useComputed, useSignal, useSignalEffect, type ReadonlySignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';

import type { ListedAlertInfo } from '../../api/answers.ts';
import { Chart } from '../../chart/chart.tsx';
import { limitsOf as limitsOfRule } from '../../chart/limits.ts';
import type { ChartSpec, Points, Threshold } from '../../chart/model.ts';
import type { Marker } from '../../chart/paint.ts';
import { useChartPoints, type ChartState } from '../../chart/points.ts';
import { clock, clockSeconds } from '../../format/time.ts';
import { valueBeside } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { Link } from '../../parts/link.tsx';
import { pathOf } from '../../url/route.ts';
import { sets } from '../../store/catalog.ts';
import { rules } from '../../store/rules.ts';
import { rangeMarkers } from '../../store/events.ts';
import { gauge } from '../../store/formula.ts';
import { range, rangeKeys } from '../../url/range.ts';

import { alertChart, alertSeries, ruleOf } from './alert-series.ts';
import { ChartFacts } from './chart-facts.tsx';
import type { ShownAlert, Worst } from './shown.ts';

type Alert = ListedAlertInfo['alert'];

const HEIGHT = 168;
const WIDTH = 900;

export interface AlertChartProps {
  readonly shown: ShownAlert;
  /** Set when the points are known. */
  readonly worst: Signal<Worst | undefined>;
}

export function AlertChart(props: AlertChartProps): JSX.Element {
  const { shown } = props;
  const alert = shown.listed?.alert;
  const [series] = alertSeries(shown);
  const spec = useMemo(
    () => specOf(shown),
    [shown.fingerprint, series, alert?.threshold, alert?.clear, sets.value, rules.value],
  );
  if (spec !== undefined && series !== undefined) return <OfSeries {...props} spec={spec} series={series} />;
  if (spec !== undefined && alert?.trend !== undefined) return <OfTrend {...props} spec={spec} trend={alert.trend} />;
  return <NoChart shown={shown} />;
}

function specOf(shown: ShownAlert): ChartSpec | undefined {
  const { rule, listed } = shown;
  const limits = listed === undefined ? ruleLimits(rule) : limitsOf(listed.alert);
  const known = alertChart(shown);
  if (known !== undefined) return { ...known, thresholds: limits };
  if (listed?.alert.trend === undefined) return undefined;
  const { unit } = listed.alert;
  return {
    id: `trend ${rule}`,
    title: rule,
    unit,
    scale: unit === 'percent' ? { kind: 'fixed', min: 0, max: 100 } : { kind: 'nice', least: 0 },
    thresholds: limits,
    lines: [{ label: rule, color: 1, style: 'area', formula: gauge(rule) }],
  };
}

/** Of an alert that is over: those that the rule has now. */
function ruleLimits(id: string): readonly Threshold[] {
  const rule = ruleOf(id);
  return rule === undefined ? [] : limitsOfRule(rule);
}

function limitsOf({ threshold, clear, level, unit }: Alert): readonly Threshold[] {
  const word = level === 'info' ? 'limit' : level;
  return [
    ...(threshold === undefined
      ? []
      : [
          {
            value: threshold,
            level: level === 'critical' ? 'critical' : 'warning',
            label: `${valueBeside(threshold, unit, clear)} ${word}`,
          } as const,
        ]),
    ...(clear === undefined || clear === threshold
      ? []
      : [{ value: clear, level: 'warning', label: `${valueBeside(clear, unit, threshold)} ends` } as const]),
  ];
}

function OfSeries({ shown, worst, spec, series }: AlertChartProps & { spec: ChartSpec; series: string }): JSX.Element {
  const { points, state, retry } = useChartPoints(spec, WIDTH);
  return <Body shown={shown} worst={worst} spec={spec} points={points} state={state} retry={retry} series={series} />;
}

function OfTrend({
  shown,
  worst,
  spec,
  trend,
}: AlertChartProps & { spec: ChartSpec; trend: NonNullable<Alert['trend']> }): JSX.Element {
  const points = useSignal<Points>(trendPoints(trend));
  useEffect(() => {
    points.value = trendPoints(trend);
  }, [trend]);
  return <Body shown={shown} worst={worst} spec={spec} points={points} series={undefined} />;
}

function trendPoints({ since, until, values }: NonNullable<Alert['trend']>): Points {
  const step = (until - since) / Math.max(1, values.length);
  return {
    times: values.map((_, index) => (since + (index + 0.5) * step) / 1000),
    values: [values],
    low: [values],
    high: [values],
    gaps: [],
  };
}

interface BodyProps extends AlertChartProps {
  readonly spec: ChartSpec;
  readonly points: ReadonlySignal<Points>;
  readonly state?: ReadonlySignal<ChartState>;
  readonly retry?: () => void;
  readonly series: string | undefined;
}

function Body({ shown, worst, spec, points, state, retry, series }: BodyProps): JSX.Element {
  const layout = useMemo(
    () => ({ height: HEIGHT, axisWidth: 46, hasTimeAxis: true, hasUnit: true, padding: [8, 16] }) as const,
    [],
  );
  const markers = useMarkers(shown);
  const direction = shown.listed?.alert.direction ?? ruleOf(shown.rule)?.direction ?? 'above';
  useSignalEffect(() => {
    worst.value = worstOf(points.value, shown, direction);
  });
  const { from, to } = range.value;
  const failed = state?.value.state === 'failed' ? state.value.message : undefined;
  return (
    <section class="card alert-chart">
      <div class="ch">
        <h2 class="cut">{spec.title}</h2>
        <span class="x nowrap">
          {clock(from)} – {clock(to)}
        </span>
      </div>
      <div class="alert-plot">
        <Chart
          spec={spec}
          points={points}
          layout={layout}
          markers={markers}
          label={`${spec.title}, ${clockSeconds(from)} to ${clockSeconds(to)}: ${shown.summary}`}
        />
        {failed !== undefined && (
          <div class="msg">
            <p>
              <Icon name="warn" tone="warn" />
              {failed}
            </p>
            <button type="button" class="btn q" onClick={retry}>
              Try again
            </button>
          </div>
        )}
      </div>
      <ChartFacts shown={shown} worst={worst} series={series} />
    </section>
  );
}

/** Where it began, over the other events. */
function useMarkers({ startsAt, level, endsAt }: ShownAlert): ReadonlySignal<readonly Marker[]> {
  return useComputed(() => {
    const own: readonly Marker[] = [
      { at: startsAt, level: level === 'critical' ? 'critical' : 'warning' },
      ...(endsAt === undefined ? [] : [{ at: endsAt, level: 'info' } as const]),
    ];
    return [...rangeMarkers.value.filter(({ at }) => Math.abs(at - startsAt) > 1000), ...own];
  });
}

function worstOf(
  { times, values }: Points,
  { startsAt, endsAt }: ShownAlert,
  direction: 'above' | 'below',
): Worst | undefined {
  let worst: Worst | undefined;
  times.forEach((time, index) => {
    if (time * 1000 < startsAt || time * 1000 > (endsAt ?? Infinity)) return;
    for (const column of values) {
      const value = column[index];
      if (value === null || value === undefined) continue;
      const isWorse = worst === undefined || (direction === 'above' ? value > worst.value : value < worst.value);
      if (isWorse) worst = { at: time * 1000, value };
    }
  });
  return worst;
}

function NoChart({ shown }: { shown: ShownAlert }): JSX.Element {
  return (
    <section class="card alert-chart">
      <div class="ch">
        <h2 class="grow">What it saw</h2>
        <Link class="acc" to={pathOf({ isOfHost: true, path: 'time' })} keys={rangeKeys(range.value)}>
          All charts of these hours
        </Link>
      </div>
      <p class="noted two">
        {shown.state === 'ended'
          ? 'Its rule is gone, or compares more than the values of one series.'
          : 'The rule has no single series that could be drawn.'}
      </p>
    </section>
  );
}
