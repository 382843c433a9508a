/** What a chart of all hosts is made of: one line for each, or where most of them lie, and those that are far from it. */
import type { FleetLinesAnswer } from '../../api/answers.ts';

export interface HostLine {
  readonly id: string;
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** The newest; NaN without one. */
  readonly last: number;
  /** From the median, on average. */
  readonly distance: number;
}

export interface AllLines {
  /** ms since the Unix epoch. */
  readonly from: number;
  readonly step: number;
  /** The greatest newest value first. */
  readonly lines: readonly HostLine[];
  /** The three that are furthest from the median. */
  readonly far: readonly HostLine[];
  /** Of each bucket: what a tenth, half and nine tenths of the hosts are below; NaN without values. */
  readonly low: readonly number[];
  readonly median: readonly number[];
  readonly high: readonly number[];
  readonly greatest: number;
}

/** With more hosts the chart shows a band in place of their lines. */
export const MOST_DRAWN = 80;
const NAMED = 3;

/** @param hosts those that the filter leaves */
export function allLines({ from, step, lines }: FleetLinesAnswer, hosts: readonly { readonly id: string }[]): AllLines {
  const wanted = new Set(hosts.map(({ id }) => id));
  const shown = lines.filter(({ id }) => wanted.has(id));
  const length = Math.max(0, ...shown.map(({ values }) => values.length));
  const columns = Array.from({ length }, (_, at) =>
    shown.flatMap(({ values }) => values[at] ?? []).sort((a, b) => a - b),
  );
  const quantile = (share: number) =>
    columns.map((column) => column[Math.min(column.length - 1, Math.floor(share * column.length))] ?? NaN);
  const median = quantile(0.5);
  const all = shown.map(({ id, name, values }): HostLine => ({
    id,
    name,
    values,
    last: values.findLast((value) => value !== null) ?? NaN,
    distance: distanceOf(values, median),
  }));
  return {
    from,
    step,
    lines: all.toSorted((a, b) => b.last - a.last || (a.name < b.name ? -1 : 1)),
    far: all.toSorted((a, b) => b.distance - a.distance).slice(0, NAMED),
    low: quantile(0.1),
    median,
    high: quantile(0.9),
    greatest: Math.max(0, ...columns.map((column) => column.at(-1) ?? 0)),
  };
}

function distanceOf(values: readonly (number | null)[], median: readonly number[]): number {
  const known = values.flatMap((value, at) => (value === null ? [] : Math.abs(value - (median[at] ?? value))));
  return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** The line that is nearest to a value in a bucket. */
export function nearestLine({ lines }: AllLines, bucket: number, value: number): HostLine | undefined {
  let best: HostLine | undefined;
  let least = Infinity;
  for (const line of lines) {
    const there = line.values[bucket];
    if (there === null || there === undefined) continue;
    const away = Math.abs(there - value);
    if (away < least) [best, least] = [line, away];
  }
  return best;
}
