/** A chart of all hosts that the filter leaves: lines, or a band with the furthest hosts, and their rank. */
import { useSignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';

import type { FleetLinesAnswer } from '../../api/answers.ts';
import { faded, palette, type Palette } from '../../chart/palette.ts';
import { niceMaximum, timeTicks } from '../../chart/scales.ts';
import { clockSeconds } from '../../format/time.ts';
import { calm, count } from '../../format/value.ts';
import { Link } from '../../parts/link.tsx';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { useAsked } from '../../store/asked.ts';
import { agentTime } from '../../store/clock.ts';
import { liveSpan, range } from '../../url/range.ts';
import { useWidth } from '../time/axis.tsx';

import { allLines, MOST_DRAWN, nearestLine, type AllLines, type HostLine } from './all-lines.ts';
import { LINE_METRICS, type LineMetric, type LineMetricInfo } from './host-series.ts';
import { viewPath } from './path.ts';
import type { HostRow } from './trouble.ts';

const BUCKETS = 180;
const HEIGHT = 240;
const LEFT = 44;
const BOTTOM = 20;
const TOP = 8;
const RANKED = 8;
const LEAST_STEP_MS = 10_000;

export function AllLinesChart({ rows, metric }: { rows: readonly HostRow[]; metric: LineMetric }): JSX.Element {
  const asked = useAsked<FleetLinesAnswer>('fleet/lines', { metric, width: BUCKETS, ...span() });
  // Another moment is another question: until it is answered the chart stays as it is.
  const before = useRef<{ readonly metric: LineMetric; readonly answer: FleetLinesAnswer } | undefined>(undefined);
  if (asked.answer !== undefined) before.current = { metric, answer: asked.answer };
  const answer = before.current?.metric === metric ? before.current.answer : undefined;
  const data = useMemo(() => answer && allLines(answer, rows), [answer, rows]);
  const marked = useSignal<string | undefined>(undefined);
  const info: LineMetricInfo = LINE_METRICS[metric];
  return (
    <section class="card all-lines" aria-label={`${info.title} of all hosts`}>
      <div class="ch">
        <h2>
          {info.title} of {data === undefined ? 'all hosts' : count(data.lines.length, 'host')}
        </h2>
        {info.unit === 'percent' && <span class="mut">%</span>}
      </div>
      {data === undefined ? (
        <NoAnswer of={asked} what="The chart" />
      ) : data.lines.length === 0 ? (
        <p class="empty">The history of the hub has none of it in this time.</p>
      ) : (
        <div class="all-lines-body">
          <Plot data={data} info={info} marked={marked} />
          <Rank data={data} info={info} marked={marked} rows={rows} />
        </div>
      )}
    </section>
  );
}

/** In whole steps, so that the question changes rarely. */
function span(): { readonly from: number; readonly to: number } {
  const { from, to } = range.value;
  const step = Math.max(LEAST_STEP_MS, (to - from) / BUCKETS);
  const end = liveSpan.value === undefined ? to : agentTime();
  const last = Math.floor(end / step) * step;
  return { from: Math.floor(last - (to - from)), to: Math.floor(last) };
}

interface PlotProps {
  readonly data: AllLines;
  readonly info: LineMetricInfo;
  /** Id of the host that is shown above the others. */
  readonly marked: Signal<string | undefined>;
}

function Plot({ data, info, marked }: PlotProps): JSX.Element {
  const { ref, width } = useWidth();
  const canvas = useRef<HTMLCanvasElement>(null);
  const at = useSignal<number | undefined>(undefined);
  const most = info.unit === 'percent' ? 100 : niceMaximum(data.greatest);
  const line = data.lines.find(({ id }) => id === marked.value);
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, width.value, data, most, line, palette.value);
  }, [data, width.value, most, line, palette.value]);
  const move = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const bucket = Math.round(((event.clientX - box.left - LEFT) / (box.width - LEFT)) * (data.median.length - 1));
    const value = most * (1 - (event.clientY - box.top - TOP) / (HEIGHT - TOP - BOTTOM));
    at.value = bucket;
    marked.value = nearestLine(data, bucket, value)?.id;
  };
  const { lines, far } = data;
  const label = `${info.title} of ${lines.length} hosts; furthest from most: ${far.map(({ name }) => name).join(', ')}`;
  return (
    <div class="all-lines-plot" ref={ref}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        onPointerMove={move}
        onPointerLeave={() => {
          marked.value = undefined;
          at.value = undefined;
        }}
      />
      <p class="foot cut mut s">{line === undefined ? legend(data) : pointed(line, data, info, at.value)}</p>
    </div>
  );
}

function legend({ lines, far }: AllLines): string {
  const what = lines.length > MOST_DRAWN ? 'The band has eight of ten hosts, the line is the median. ' : '';
  return `${what}Furthest from most: ${far.map(({ name }) => name).join(', ')}`;
}

function pointed(
  line: HostLine,
  { from, step }: AllLines,
  { unit }: LineMetricInfo,
  bucket: number | undefined,
): string {
  const value = bucket === undefined ? line.last : (line.values[bucket] ?? NaN);
  const moment = bucket === undefined ? '' : ` at ${clockSeconds(from + bucket * step)}`;
  return `${line.name}: ${calm(value, unit)}${unit === 'percent' ? '\u00a0%' : ''}${moment}`;
}

/** The greatest now; a row is drawn above the others while the pointer or the focus is on it. */
function Rank({ data, info, marked, rows }: PlotProps & { readonly rows: readonly HostRow[] }): JSX.Element {
  return (
    <ol class="all-lines-rank" aria-label={`Most ${info.title} now`}>
      {data.lines.slice(0, RANKED).map((line) => {
        const place = data.far.findIndex(({ id }) => id === line.id);
        const mark = () => {
          marked.value = line.id;
        };
        return (
          <li key={line.id} class={line.id === marked.value ? 'marked' : ''} onPointerEnter={mark} onFocusIn={mark}>
            <i class={`k c${place === -1 ? 5 : place + 1}`} />
            <Link class="cut grow" to={viewPath(line, rows)}>
              {line.name}
            </Link>
            <span class="leg-n">{calm(line.last, info.unit)}</span>
          </li>
        );
      })}
      {data.lines.length > RANKED && <li class="mut">{data.lines.length - RANKED} more, with less</li>}
    </ol>
  );
}

function draw(
  canvas: HTMLCanvasElement,
  width: number,
  data: AllLines,
  most: number,
  marked: HostLine | undefined,
  colors: Palette,
): void {
  const ratio = devicePixelRatio;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.round(HEIGHT * ratio);
  const context = canvas.getContext('2d');
  if (context === null || width <= LEFT) return;
  context.scale(ratio, ratio);
  const count = Math.max(2, data.median.length);
  const x = (at: number) => LEFT + (at / (count - 1)) * (width - LEFT - 1);
  const y = (value: number) => TOP + (1 - value / most) * (HEIGHT - TOP - BOTTOM);
  axes(context, { width, most, data, y }, colors);
  const stroke = (values: readonly (number | null)[], color: string, thick: number) => {
    context.strokeStyle = color;
    context.lineWidth = thick;
    context.beginPath();
    let isOpen = false;
    values.forEach((value, at) => {
      if (value === null || Number.isNaN(value)) isOpen = false;
      else if (isOpen) context.lineTo(x(at), y(value));
      else {
        context.moveTo(x(at), y(value));
        isOpen = true;
      }
    });
    context.stroke();
  };
  const grey = colors.series[4] ?? colors.ink3;
  if (data.lines.length > MOST_DRAWN) {
    band(context, data, { x, y }, faded(grey, 0.22));
    stroke(data.median, grey, 1.5);
  } else for (const { values } of data.lines) stroke(values, faded(grey, 0.35), 1);
  data.far.forEach(({ values }, index) => {
    stroke(values, faded(colors.series[index] ?? grey, marked === undefined ? 1 : 0.4), 1.5);
  });
  if (marked !== undefined) stroke(marked.values, colors.ink, 2);
}

interface Places {
  readonly x: (bucket: number) => number;
  readonly y: (value: number) => number;
}

/** Where nobody has values it is not drawn. */
function band(context: CanvasRenderingContext2D, { low, high }: AllLines, { x, y }: Places, color: string): void {
  context.fillStyle = color;
  let begin = 0;
  for (let at = 0; at <= high.length; at += 1) {
    if (at < high.length && Number.isFinite(high[at]) && Number.isFinite(low[at])) continue;
    context.beginPath();
    for (let each = begin; each < at; each += 1) context.lineTo(x(each), y(high[each] ?? 0));
    for (let each = at - 1; each >= begin; each -= 1) context.lineTo(x(each), y(low[each] ?? 0));
    context.fill();
    begin = at + 1;
  }
}

function axes(
  context: CanvasRenderingContext2D,
  { width, most, data, y }: { width: number; most: number; data: AllLines; y: (value: number) => number },
  colors: Palette,
): void {
  context.font = `11px ${colors.sans}`;
  context.fillStyle = colors.ink3;
  context.strokeStyle = colors.grid;
  context.lineWidth = 1;
  context.textAlign = 'right';
  for (const value of [0, most / 2, most]) {
    const place = Math.round(y(value)) + 0.5;
    context.beginPath();
    context.moveTo(LEFT, place);
    context.lineTo(width, place);
    context.stroke();
    context.fillText(calm(value, ''), LEFT - 6, place + 4);
  }
  const end = data.from + data.step * Math.max(1, data.median.length - 1);
  const ticks = timeTicks(data.from / 1000, end / 1000, width - LEFT);
  context.textAlign = 'center';
  ticks.at.forEach((at, index) => {
    const place = LEFT + ((at * 1000 - data.from) / (end - data.from)) * (width - LEFT);
    if (place > LEFT + 16 && place < width - 20) context.fillText(ticks.labels[index] ?? '', place, HEIGHT - 4);
  });
}
