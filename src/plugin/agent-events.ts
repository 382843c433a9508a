/** What the agent knows about itself, for the inputs that report it: its log, its audit log, its alerts, its counters. */
import { nanoseconds } from '../core/clock.ts';
import type { LogEntry } from '../core/logger.ts';
import type { Tags } from '../metric/metric.ts';

import type { AuditEntry } from './audit-entry.ts';
import type { AlertView } from './notification.ts';

/**
 * Each `on…` returns a function that ends the subscription. Events from before the first subscription are delivered first;
 * the newest few hundred are kept.
 */
export interface AgentEvents {
  /** Lines of the agent's own log at the configured level, without secrets. */
  onLog(listener: (entry: LogEntry) => void): () => void;
  /** Entries of the audit log of alerts, without secrets. */
  onAlertEvent(listener: (entry: AuditEntry) => void): () => void;
  /** The alerts that are not ok now. */
  alerts(): readonly CurrentAlert[];
}

export interface CurrentAlert {
  /** While pending, `level` is the pending level, and `startsAt` the time the condition began to hold. */
  readonly alert: AlertView;
  readonly state: 'pending' | 'firing' | 'recovering';
}

/** The agent's own counters, under Telegraf's names. */
export interface SelfStatistics {
  /** `internal_agent`, one `internal_gather` per input, one `internal_write` per output. */
  snapshot(): readonly SelfMetric[];
}

export interface SelfMetric {
  readonly name: string;
  readonly tags: Tags;
  readonly fields: Readonly<Record<string, number>>;
}

/**
 * Makes unique, ascending timestamps for events that share a millisecond, since a database keeps one of two points with the
 * same tags and time.
 *
 * @returns milliseconds → nanoseconds, both since the Unix epoch; unique for a million events in a row
 */
export function eventTimes(): (ms: number) => bigint {
  let count = 0n;
  return (ms) => {
    count = (count + 1n) % 1_000_000n;
    return nanoseconds(Math.floor(ms)) + count;
  };
}
