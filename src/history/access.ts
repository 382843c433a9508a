/** What the rest of the agent asks of the history. The work is done in a worker thread. Times are ms since the Unix epoch. */
import type { ProcessFrame } from '../host/processes/frame.ts';
import type { Tags } from '../metric/metric.ts';
import type { QueryFunction } from './buckets.ts';
import type { SeriesSet } from './series-set.ts';

/** The thread does not run at the moment, or ended before it answered; it will be started again. */
export class HistoryUnavailableError extends Error {
  override readonly name = 'HistoryUnavailableError';
}

export interface KnownField {
  readonly name: string;
  readonly type: 'int' | 'float' | 'string' | 'bool';
}

export interface KnownSet {
  readonly set: SeriesSet;
  readonly fields: readonly KnownField[];
  /** Of the newest sample. */
  readonly lastAt: number;
}

export interface KnownHost {
  /** Stays when the host is renamed; empty for the agent's own. */
  readonly id: string;
  /** Undefined if none was given. */
  readonly name: string | undefined;
}

export interface FieldOf {
  readonly set: SeriesSet;
  readonly field: string;
}

export interface Range {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Resolution, ms. */
  readonly step: number;
}

/** One for each bucket from the start of the first; NaN where there is no value. */
export type Values = Float64Array;

export interface RangeAnswer {
  /** Start of the first bucket. */
  readonly from: number;
  readonly step: number;
  /** For each field asked, in that order: for each function, in that order. */
  readonly values: readonly (readonly Values[])[];
}

export interface Change {
  readonly of: FieldOf;
  readonly before: number;
  readonly after: number;
  readonly factor: number;
  readonly score: number;
  readonly spark: Values;
}

export interface Changes {
  readonly compared: number;
  /** Most first. */
  readonly changes: readonly Change[];
}

export type EventKind = 'alert' | 'boot' | 'agent' | 'unit' | 'oom' | 'mount' | 'container' | 'clock' | 'gap';

export interface HistoryEvent {
  readonly at: number;
  readonly until?: number;
  readonly kind: EventKind;
  readonly level: 'info' | 'warning' | 'critical';
  readonly title: string;
  readonly alert?: string;
}

export interface HistoryStatus {
  /** Of the file. */
  readonly bytes: number;
  readonly headBytes: number;
  readonly sets: number;
  /** Samples of sets beyond the limits, since the start. */
  readonly refused: number;
  readonly oldestAt: number | undefined;
}

export interface HistoryAccess {
  sets(): Promise<readonly KnownSet[]>;
  /** @throws RangeError for a range that is empty or has too many buckets */
  query(fields: readonly FieldOf[], functions: readonly QueryFunction[], range: Range): Promise<RangeAnswer>;
  /** Compares a range with an earlier one of the same length. Counters are compared by their rate. @param host its id; default: the agent's own */
  changes(
    range: Pick<Range, 'from' | 'to'>,
    before: number,
    counters: readonly CounterOf[],
    host?: string,
  ): Promise<Changes>;
  /** Median and spread by hour of the week, for each hour that the range touches. Empty below three days of roll-ups. */
  usual(
    of: FieldOf,
    range: Pick<Range, 'from' | 'to'>,
    isRate: boolean,
  ): Promise<{ readonly low: Values; readonly high: Values }>;
  /** The newest frame at or before a time, at most 60 s older. */
  processesAt(at: number): Promise<ProcessFrame | undefined>;
  /** The newest first. */
  events(from: number, to: number, limit: number): Promise<readonly HistoryEvent[]>;
  addEvent(event: HistoryEvent): void;
  /** What was gathered until now is in the files afterwards, in the history or in the journal. @throws why it cannot be written */
  flush(): Promise<void>;
  status(): Promise<HistoryStatus>;
  /** Hosts whose history is kept. */
  hosts(): Promise<readonly KnownHost[]>;
  /** A host has this name from now on; its history goes on. */
  nameHost(id: string, name: string): Promise<void>;
  /** Deletes the samples and the name of a host. Lines of it that come later are kept again. */
  forgetHost(id: string): Promise<void>;
  /** Ids of hosts that have more series than are kept; at most 1000. */
  crowded(): Promise<readonly string[]>;
}

/** A field that only grows. */
export interface CounterOf {
  readonly measurement: string;
  readonly field: string;
}

export type { ProcessFrame, QueryFunction, SeriesSet, Tags };
