/** A chart as a table: what it shows, for those who do not see it, and to copy. As of when it was opened. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import { clockSeconds, day, zoneName } from '../format/time.ts';
import { after, count, NO_BREAK, number, scaleFor } from '../format/value.ts';
import { Sheet } from '../parts/sheet.tsx';
import { range } from '../url/range.ts';
import type { Span } from '../url/time.ts';

import { greatestOf } from './drawn.ts';
import type { ChartSpec, Points } from './model.ts';
import { tabled } from './tabled.ts';

const DAY_MS = 86_400_000;

export function ChartTable(): JSX.Element | null {
  const shown = tabled.value;
  return shown === undefined ? null : <Table {...shown} />;
}

function Table({ spec, points }: { spec: ChartSpec; points: Points }): JSX.Element {
  const span = useMemo(() => range.peek(), []);
  const rows = useMemo(() => rowsOf(points, span), [points]);
  const scale = scaleFor(spec.unit, greatestOf(spec, points.values));
  const time = span.to - span.from > DAY_MS ? dayAndClock : clockSeconds;
  return (
    <Sheet title={spec.title} class="chart-table" onClose={close}>
      <p class="mut">
        {count(rows.length, 'moment')}, {dayAndClock(span.from)} to {dayAndClock(span.to)} {zoneName(span.to)}
      </p>
      <div class="chart-rows" tabIndex={0} role="group" aria-label="Values">
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {spec.lines.map(({ label }) => (
                <th scope="col" key={label}>
                  {label.replace(/[↑↓] /, '')}
                  {after(scale.unit)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ from, to, values }) => (
              <tr key={from}>
                <th scope="row">{to === undefined ? time(from) : `${time(from)}${NO_BREAK}– ${time(to)}`}</th>
                {values === undefined ? (
                  <td colSpan={spec.lines.length}>no data</td>
                ) : (
                  values.map((value, line) => <td key={line}>{number((value ?? NaN) / scale.divisor)}</td>)
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <button type="button" class="btn big" onClick={close}>
        Close
      </button>
    </Sheet>
  );
}

interface Row {
  /** ms since the Unix epoch. */
  readonly from: number;
  /** Of a time without data. */
  readonly to?: number;
  /** By line; undefined without data. */
  readonly values?: readonly (number | null)[];
}

/** In the range; the points beyond its edges are for lines that reach them. */
function rowsOf({ times, values, gaps }: Points, { from, to }: Span): readonly Row[] {
  const rows = times.map((time, index) => rowOf(time, index, values, gaps));
  return rows.filter((row) => (row.to ?? row.from) >= from && row.from <= to);
}

function rowOf(time: number, index: number, values: Points['values'], gaps: Points['gaps']): Row {
  const gap = gaps.find((each) => time > each.from && time < each.to);
  if (gap !== undefined) return { from: gap.from * 1000, to: gap.to * 1000 };
  return { from: time * 1000, values: values.map((column) => column[index] ?? null) };
}

function dayAndClock(at: number): string {
  return `${day(at)}, ${clockSeconds(at)}`;
}

function close(): void {
  tabled.value = undefined;
}
