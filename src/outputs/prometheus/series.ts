import type { Description, Label } from '../prometheus-names.ts';

/** One line of the exposition. Everything except value and time is constant text. */
export interface Series {
  readonly name: string;
  /** `measurement.field`. */
  readonly source: string;
  readonly labels: readonly Label[];
  /** The text before the value, including the space; identifies the series. */
  readonly prefix: string;
  value: number;
  /** Timestamp of the sample; nanoseconds since the Unix epoch. */
  time: bigint;
  /** When the sample was written, on the clock's `elapsed`. */
  written: number;
  /** Whether the series is part of the exposition. */
  isListed: boolean;
}

/** All series with one name. Type, help and unit are those of the first one. */
export interface Family extends Description {
  readonly name: string;
  /** By `prefix`. */
  readonly series: Map<string, Series>;
}

/** Earlier than the timestamp of any sample. */
export const NEVER = -(2n ** 63n);

/** @param labelText the rendered labels; passed in because the fields of a metric share it */
export function createSeries(
  { name, source }: Pick<Series, 'name' | 'source'>,
  labels: readonly Label[],
  labelText: string,
): Series {
  return { name, source, labels, prefix: `${name}${labelText} `, value: 0, time: NEVER, written: 0, isListed: false };
}

/** With braces, unless there are no labels. */
export function labelTextOf(labels: readonly Label[]): string {
  if (labels.length === 0) return '';
  return `{${labels.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',')}}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, (char) => ESCAPES[char] ?? char);
}
