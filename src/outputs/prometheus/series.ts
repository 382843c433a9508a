import type { Label, SampleType } from '../prometheus-names.ts';

/** One line of the exposition. All of it but number and time is text that never changes. */
export interface Series {
  readonly name: string;
  readonly labels: readonly Label[];
  /** The labels as they are written; with the name, the identity. */
  readonly labelText: string;
  /** What stands before the number, with the space. */
  readonly prefix: string;
  /** What is said of its name by the input that reports it. */
  readonly type: SampleType;
  readonly help: string;
  readonly unit: string | undefined;
  value: number;
  /** Of the sample; nanoseconds since the Unix epoch. */
  time: bigint;
  /** When it came, on the clock's `elapsed`. */
  written: number;
  /** Whether it is in the exposition now. */
  isListed: boolean;
}

/** All series of one name. What the first of them says of the name holds for all. */
export interface Family {
  readonly name: string;
  readonly type: SampleType;
  readonly help: string;
  readonly unit: string | undefined;
  /** By `labelText`. */
  readonly series: Map<string, Series>;
}

/** Before any time that a sample can have. */
export const NEVER = -(2n ** 63n);

type Fixed = Pick<Series, 'name' | 'labels' | 'type' | 'help' | 'unit'>;

export function createSeries(fixed: Fixed): Series {
  const labelText = fixed.labels.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',');
  const prefix = labelText === '' ? `${fixed.name} ` : `${fixed.name}{${labelText}} `;
  return { ...fixed, labelText, prefix, value: 0, time: NEVER, written: 0, isListed: false };
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, (char) => ESCAPES[char] ?? char);
}
