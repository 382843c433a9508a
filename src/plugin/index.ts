/**
 * The public plugin API (`healthd/plugin`). A plugin is data plus one function: what it is called, what it may be told,
 * what it reports, and how it is made. The host owns whatever repeats: schedule, deadline, tags, filters, batching,
 * buffering and retry. Built-in plugins live by this file alone.
 */
import { z } from 'zod';

import type { AuditEntry } from './audit-entry.ts';
import type { Clock } from '../core/clock.ts';
import type { LogEntry, Logger } from '../core/logger.ts';
import type { Fields, FieldValue, Metric, Tags } from '../metric/metric.ts';
import type { FieldsOf, MetricCatalog } from '../metric/catalog.ts';
import type { AlertView, Notification } from './notification.ts';
import type { PluginContext } from './context.ts';

// A schema checks once or twice; to compile it for speed would take longer than that saves.
z.config({ jitless: true });

export { z };
export type { AuditEntry, Clock, Fields, FieldValue, LogEntry, Logger, Metric, Notification, Tags };
export type * from '../metric/catalog.ts';
export type * from './notification.ts';
export type * from './context.ts';
export {
  detailText,
  formatValue,
  humanDuration,
  oneLine,
  plainText,
  sinceText,
  spanText,
  sparkline,
  tableText,
  titleOf,
  truncate,
  truncateBytes,
  utcTime,
  valueAndLimit,
} from './message-text.ts';
export {
  describeError,
  errorCode,
  PartialWriteError,
  PermanentError,
  RetryableError,
  TargetError,
  TooLargeError,
} from '../core/errors.ts';
export {
  CONTENT_TYPES,
  encodeBatch,
  fieldJson,
  FORMATS,
  formatHeader,
  rfc3339,
  TIMESTAMP_UNITS,
  unixTime,
  type Format,
  type TimestampUnits,
} from '../metric/formats.ts';
export { eventTimes } from './event-times.ts';
export { compileGlobs } from '../core/globs.ts';
export { refusal, retryAfter } from './http-status.ts';
export { formatLine, parseLines } from '../metric/line-protocol.ts';
export { LOG_LEVELS, type LogLevel } from '../core/logger.ts';
export { networkReason } from '../core/network-error.ts';
export { optionalPackage } from './optional-package.ts';
export { bytes, duration, globs, headers, headerText, isPortable, provider, tls, type TlsOptions } from './options.ts';

/** Takes what a plugin reports. */
export interface Accumulator<Catalog extends MetricCatalog = MetricCatalog> {
  /**
   * Adds one point. The host adds `host` and global tags, coerces by the catalog and drops what is not finite.
   *
   * @param time nanoseconds since the Unix epoch; default: the scheduled time of this gather
   */
  add<Name extends keyof Catalog & string>(
    name: Name,
    fields: FieldsOf<Catalog[Name]>,
    tags?: Readonly<Record<string, string | undefined>>,
    time?: bigint,
  ): void;
  /** One disk failed, the others did not: report it and go on. */
  error(error: unknown): void;
}

/** An input that is asked at each interval. */
export interface Input<Catalog extends MetricCatalog = MetricCatalog> {
  /** Never called again before the previous call has ended. The signal aborts at the deadline and at stop. */
  gather(acc: Accumulator<Catalog>, signal: AbortSignal): Promise<void> | void;
  /** Releases what was opened. Called once, after the last gather. */
  stop?(): Promise<void> | void;
}

/**
 * An input that reports when something happens: listeners, tails, subscriptions. Runs until the signal aborts; when it
 * ends or throws before that, the host starts it again with backoff. An input may have both `gather` and `run`.
 */
export interface StreamInput<Catalog extends MetricCatalog = MetricCatalog> {
  run(acc: Accumulator<Catalog>, signal: AbortSignal): Promise<void>;
}

/** Changes, drops or replaces metrics on their way. Synchronous, so that order is kept. */
export interface Processor {
  /** `undefined` drops the metric. Returning the argument itself costs nothing. */
  process(metric: Metric): Metric | readonly Metric[] | undefined;
  /**
   * For processors that hold metrics back (windows). Called about once a second, and once at stop with `final`.
   *
   * @param now milliseconds since the Unix epoch
   */
  flush?(now: number, final: boolean): readonly Metric[];
  /** Releases what was opened. Called once, after the last `process` and `flush`. */
  stop?(): Promise<void> | void;
}

/** What an output is handed: encoded once, decoded only by those who ask. */
export interface Batch {
  /** Number of lines, at least 1. */
  readonly size: number;
  /** Line protocol, nanosecond time, each line ended by a newline. */
  readonly lines: Uint8Array;
  /** `lines` as a gzip stream, compressed once for all outputs. */
  gzip(): Promise<Uint8Array>;
  metrics(): Iterable<Metric>;
}

export interface Output {
  /**
   * Tries the destination: credentials, database, directory. Called by `healthd check --connect`, and before the first
   * write, where a failure is retried in the background like one of `write`.
   */
  connect?(signal: AbortSignal): Promise<void>;
  /**
   * Delivers one batch; resolving acknowledges it. Throw `PermanentError`, `TooLargeError` or `PartialWriteError` for
   * what the destination will never take, and anything else to be called again with the same batch later.
   */
  write(batch: Batch, signal: AbortSignal): Promise<void>;
  /** The log files were moved away (SIGHUP): open them again. */
  reopen?(): Promise<void>;
  /** Releases what was opened. Called once, after the last write. */
  stop?(): Promise<void> | void;
}

export interface Notifier {
  /**
   * Tells people; resolving means that it was accepted. Throw `TargetError` when the receiver itself is wrong (address,
   * credentials), `PermanentError` when it refuses this message (called again with less `detail`), and anything else to
   * be called again later. Called again with the same `id` when the end of the last attempt is not known.
   */
  notify(notification: Notification, signal: AbortSignal): Promise<void>;
  /** The longest rate at which the service wants to be called; the configuration can lower it. Default 10 a second. */
  readonly rate?: { readonly perSecond: number; readonly burst: number };
  /**
   * Called about once a minute with all alerts that fire and that this receiver was told of, for services that forget
   * what they do not hear of again.
   */
  keepAlive?(firing: readonly AlertView[], signal: AbortSignal): Promise<void>;
  /** What `healthd notify test` should add to "accepted", e.g. that acceptance is not delivery. */
  readonly acceptedMeans?: string;
  stop?(): Promise<void> | void;
}

/** What every plugin says of itself. */
export interface Definition<Schema extends z.ZodType, Instance> {
  /** Lower case, digits and underscores; the folder and the key in the configuration. */
  readonly name: string;
  /** One line, no full stop. */
  readonly summary: string;
  /**
   * A strict object: an unknown option is an error. Each option has `.describe(…)`. The names of the host's keys
   * (`interval`, `timeout`, `tags`, …) cannot be used; a plugin that does is refused.
   */
  readonly config: Schema;
  /** Options → a working plugin. Checks what the schema cannot; opens no connection. */
  create(config: z.output<Schema>, context: PluginContext): Instance | Promise<Instance>;
}

export interface InputPlugin<
  Schema extends z.ZodType = z.ZodType,
  Catalog extends MetricCatalog = MetricCatalog,
> extends Definition<Schema, Input<Catalog> | StreamInput<Catalog>> {
  readonly kind: 'input';
  readonly api: 1;
  readonly metrics: Catalog;
}

export interface ProcessorPlugin<Schema extends z.ZodType = z.ZodType> extends Definition<Schema, Processor> {
  readonly kind: 'processor';
  readonly api: 1;
}

export interface OutputPlugin<Schema extends z.ZodType = z.ZodType> extends Definition<Schema, Output> {
  readonly kind: 'output';
  readonly api: 1;
}

export interface NotifierPlugin<Schema extends z.ZodType = z.ZodType> extends Definition<Schema, Notifier> {
  readonly kind: 'notifier';
  readonly api: 1;
  /** The most alerts that one notification lists; the rest is counted. Default 10. */
  readonly maxAlerts?: number;
}

export type Plugin = InputPlugin | ProcessorPlugin | OutputPlugin | NotifierPlugin;

export function defineInput<Schema extends z.ZodType, const Catalog extends MetricCatalog>(
  definition: Omit<InputPlugin<Schema, Catalog>, 'kind' | 'api'>,
): InputPlugin<Schema, Catalog> {
  return { kind: 'input', api: 1, ...definition };
}

export function defineProcessor<Schema extends z.ZodType>(
  definition: Omit<ProcessorPlugin<Schema>, 'kind' | 'api'>,
): ProcessorPlugin<Schema> {
  return { kind: 'processor', api: 1, ...definition };
}

export function defineOutput<Schema extends z.ZodType>(
  definition: Omit<OutputPlugin<Schema>, 'kind' | 'api'>,
): OutputPlugin<Schema> {
  return { kind: 'output', api: 1, ...definition };
}

export function defineNotifier<Schema extends z.ZodType>(
  definition: Omit<NotifierPlugin<Schema>, 'kind' | 'api'>,
): NotifierPlugin<Schema> {
  return { kind: 'notifier', api: 1, ...definition };
}
