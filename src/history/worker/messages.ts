/** What the main thread and the history's thread send each other. */
import type { LogLevel } from '../../core/logger.ts';
import type { HistoryAccess, HistoryEvent, ProcessFrame } from '../access.ts';
import type { Boot } from '../history.ts';
import type { Retention } from '../store/retention.ts';

export interface HistoryConfig {
  readonly retention: Retention;
  /** The value of the tag `host` of the agent's own metrics; undefined if they have none. */
  readonly ownName: string | undefined;
  /** Samples are stored at the latest after so many ms: the journal deletes them then. */
  readonly sealWithin: number;
}

/** What the thread starts with. */
export interface ThreadData extends HistoryConfig {
  /** Of `history.db`. */
  readonly path: string;
  readonly boot: Boot;
}

/** Lines of the journal. */
export interface LinesMessage {
  readonly lines: Uint8Array;
  /** Positions in the journal of the first line and after the last one. */
  readonly start: number;
  readonly end: number;
}

/** What the thread can be asked to do, each by a message with a number, which the answer has too. */
export interface HistoryCalls extends Omit<HistoryAccess, 'addEvent' | 'flush'> {
  addEvent(event: HistoryEvent): Promise<void>;
  addFrame(frame: ProcessFrame): Promise<void>;
  /** @returns whether there is room for more */
  add(batch: LinesMessage): Promise<boolean>;
  /** Stores everything that is in memory. */
  seal(): Promise<void>;
  configure(config: HistoryConfig): Promise<void>;
  close(): Promise<void>;
}

export type CallName = keyof HistoryCalls;

export interface Request<Name extends CallName = CallName> {
  readonly id: number;
  readonly call: Name;
  readonly args: Parameters<HistoryCalls[Name]>;
}

export interface Failure {
  readonly message: string;
  /** A RangeError: what was asked is wrong. */
  readonly isRange: boolean;
}

export type ThreadMessage =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure }
  | { readonly sealedUpTo: number }
  | { readonly level: LogLevel; readonly message: string; readonly meta: Readonly<Record<string, unknown>> }
  /** The database is open. */
  | 'ready'
  /** There will be no history until the next start, and why. */
  | { readonly unusable: string }
  /** The database cannot be opened now; the thread ends. */
  | { readonly failed: string };
