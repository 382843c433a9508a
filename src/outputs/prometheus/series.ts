import type { Description, Label } from '../prometheus-names.ts';

/** One line of the exposition. All of it but number and time is text that never changes. */
export interface Series {
  readonly name: string;
  readonly labels: readonly Label[];
  /** What stands before the number, with the space; the identity of the series. */
  readonly prefix: string;
  value: number;
  /** Of the sample; nanoseconds since the Unix epoch. */
  time: bigint;
  /** When it came, on the clock's `elapsed`. */
  written: number;
  /** Whether it is in the exposition now. */
  isListed: boolean;
}

/** All series of one name. What is known of the first of them holds for all. */
export interface Family extends Description {
  readonly name: string;
  /** By `prefix`. */
  readonly series: Map<string, Series>;
}

/** Before any time that a sample can have. */
export const NEVER = -(2n ** 63n);

/** @param labelText of the labels; given, because the fields of a metric share it */
export function createSeries(name: string, labels: readonly Label[], labelText: string): Series {
  return { name, labels, prefix: `${name}${labelText} `, value: 0, time: NEVER, written: 0, isListed: false };
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
