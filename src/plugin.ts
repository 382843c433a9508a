/**
 * The public plugin API (`healthd/plugin`). A plugin is data plus one function: what it is called, what it may be told,
 * what it reports, and how it is made. The host owns whatever repeats: schedule, deadline, tags, filters, batching,
 * buffering and retry. Built-in plugins live by this file alone.
 */
import { z } from 'zod';

import type { AuditEntry } from './core/audit-entry.ts';
import type { Clock } from './core/clock.ts';
import type { LogEntry, Logger } from './core/logger.ts';
import type { Fields, FieldValue, Metric, Tags } from './core/metric.ts';
import type { AlertView, Notification } from './core/notification.ts';
import type { TlsOptions } from './core/options.ts';

// A schema checks once or twice; to compile it for speed would take longer than that saves.
z.config({ jitless: true });

export { z };
export type { AuditEntry, Clock, Fields, FieldValue, LogEntry, Logger, Metric, Notification, Tags };
export type * from './core/notification.ts';
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
} from './core/alert-text.ts';
export {
  describeError,
  errorCode,
  PartialWriteError,
  PermanentError,
  RetryableError,
  TargetError,
  TooLargeError,
} from './core/errors.ts';
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
} from './core/formats.ts';
export { eventTimes } from './core/event-times.ts';
export { compileGlobs } from './core/globs.ts';
export { refusal, retryAfter } from './core/http-status.ts';
export { formatLine, parseLines } from './core/line-protocol.ts';
export { LOG_LEVELS, type LogLevel } from './core/logger.ts';
export { networkReason } from './core/network-error.ts';
export { optionalPackage } from './core/optional-package.ts';
export { bytes, duration, globs, isPortable, provider, tls, type TlsOptions } from './core/options.ts';

/** What one field holds. The catalog decides whether a number is written as an integer or as a float. */
export interface FieldSpec {
  readonly type: 'int' | 'float' | 'string' | 'bool';
  /** `bytes`, `percent`, `s`, `ms`, `ns`, `us`, `celsius`, … or what is counted (`packets`). Percent is rounded to 4 decimals. */
  readonly unit?: string;
  readonly help: string;
  /** Overrides the metric's kind. */
  readonly kind?: MetricKind;
}

/** A counter only grows, until its source restarts; a gauge goes up and down. */
export type MetricKind = 'gauge' | 'counter';

/** What one measurement holds. */
export interface MetricSpec {
  readonly help?: string;
  /** Default: gauge. */
  readonly kind?: MetricKind;
  /** Tag key → what it means. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** Set where further field names come from the outside (labels, counters of the kernel): what they look like. */
  readonly dynamic?: FieldSpec;
}

/** Measurement → what it holds. Gives type coercion, documentation, dashboard units and rule checking. */
export type MetricCatalog = Readonly<Record<string, MetricSpec>>;

/** The fields one measurement of a catalog may be given. `undefined` means "not known this time" and is left out. */
export type FieldsOf<Spec extends MetricSpec> = [Spec] extends [{ readonly dynamic: FieldSpec }]
  ? Readonly<Record<string, FieldValue | undefined>>
  : { readonly [Name in keyof Spec['fields']]?: FieldValue | undefined };

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

/** One HTTP request that follows no redirect. */
export interface HttpRequest {
  readonly url: string;
  /** Default POST. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** From `PluginContext.readTls`; the same object each time, as connections are kept with it. Default: as the system has it. */
  readonly tls?: TlsMaterial;
  /** Bytes of the answer's body that are read. Default: 64 KiB. */
  readonly maxAnswerBytes?: number;
}

/** For `tls.connect` and the like. */
export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly rejectUnauthorized: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** UTF-8; at most the first `maxAnswerBytes`. */
  readonly body: string;
  /** There was more of it. */
  readonly isCut: boolean;
}

/** @throws RetryableError if there is no answer; the message names the host but never path or query, which may be secret */
export type HttpClient = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** A server that takes a stream of bytes and never answers. */
export interface StreamTarget {
  readonly host: string;
  readonly port: number;
  /** From `PluginContext.readTls`. Default: no TLS. */
  readonly tls?: TlsMaterial;
}

/**
 * Opens a connection, sends everything, ends it, and waits until the server has ended it too: no other sign is there that
 * it has read all. Without bytes it only tries the connection.
 *
 * @throws RetryableError if any of that fails
 */
export type SendStream = (to: StreamTarget, bytes: Uint8Array, signal: AbortSignal) => Promise<void>;

/**
 * Sends UDP datagrams, which nobody confirms: what the network or the server drops is lost.
 *
 * @throws RetryableError if the system cannot send them, or knows that nobody listens
 */
export type SendDatagrams = (
  to: Pick<StreamTarget, 'host' | 'port'>,
  datagrams: Iterable<Uint8Array>,
  signal: AbortSignal,
) => Promise<void>;

/** Where the watched host's system files are, and the cheapest way to read them. */
export interface Host {
  readonly platform: NodeJS.Platform;
  /** The value of the `host` tag. */
  readonly hostname: string;
  /** `/proc`, or what HOST_PROC says. In the same way: HOST_SYS, HOST_ETC, HOST_RUN, HOST_DEV. No trailing slash. */
  readonly proc: string;
  readonly sys: string;
  readonly etc: string;
  readonly run: string;
  readonly dev: string;
  /** Where the host's root is mounted in this container (HOST_MOUNT_PREFIX), or the empty string. */
  readonly mountPrefix: string;
  /**
   * Reads a whole pseudo file now, on a descriptor that stays open until the plugin stops. The bytes are valid until the
   * next call. For procfs and sysfs only: what can hang must not be read this way.
   *
   * @throws the system error (`ENOENT`, …) if the file cannot be read
   */
  read(path: string): Buffer;
  /** The same as text. */
  readText(path: string): string;
  /**
   * Reads a small text that may be missing and is looked at rarely: a label, a serial number. Without the blanks around
   * it; empty if it cannot be read, for whatever reason. Keeps no descriptor.
   */
  readOptional(path: string): string;
}

/** What a plugin is given beside its options. */
export interface PluginContext {
  readonly log: Logger;
  readonly host: Host;
  readonly clock: Clock;
  /** For plugins that speak HTTP and have no client of their own. */
  readonly http: HttpClient;
  readonly sendStream: SendStream;
  readonly sendDatagrams: SendDatagrams;
  /**
   * Reads the files that options of the schema `tls()` name.
   *
   * @throws if one cannot be read; the text names the option
   */
  readonly readTls: (options: TlsOptions) => Promise<TlsMaterial>;
  /** What the configured inputs say about a measurement, for those who need units, types and help; it may be unknown. */
  readonly describe: (measurement: string) => MetricSpec | undefined;
  /** For plugins that start programs of the user's. */
  readonly run: RunProgram;
  /** What the agent counts about itself, for the input `internal`. */
  readonly self: SelfStatistics;
  /** What the agent has to say, for the inputs that send it elsewhere. */
  readonly events: AgentEvents;
}

/** Program and arguments, given to the system as they are: no shell, no splitting, no quoting. */
export type Command = readonly [program: string, ...args: string[]];

export interface RunOptions {
  /** Bytes of standard output. */
  readonly maxOutput: number;
  /** Written to its standard input, which is closed after that. Default: nothing. */
  readonly input?: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** How a program ended. */
export interface Finished {
  /** How it failed (`exited with code 2`, `was ended by SIGSEGV`), or undefined. */
  readonly failure: string | undefined;
  /** Undefined if a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/**
 * Runs a program and waits until it has ended and its output is closed, also by programs that it started.
 *
 * @throws if it cannot be started or writes too much, and when the signal aborts. It has then been stopped, with all
 *   programs of its process group.
 */
export type RunProgram = (command: Command, options: RunOptions, signal: AbortSignal) => Promise<Finished>;

/** Each function returns one that ends it. What happened while nobody listened comes first, as far as it is still known. */
export interface AgentEvents {
  /** Lines of the agent's own log, of the level that is configured for it; without secrets. */
  onLog(listener: (entry: LogEntry) => void): () => void;
  /** Entries of the audit log of alerts; without secrets. */
  onAlertEvent(listener: (entry: AuditEntry) => void): () => void;
  /** The alerts that are not ok now. */
  alerts(): readonly CurrentAlert[];
}

export interface CurrentAlert {
  /** While pending, `level` is the one that is reached, and `startsAt` since when. */
  readonly alert: AlertView;
  readonly state: 'pending' | 'firing' | 'recovering';
}

/** The agent's own counters, under Telegraf's names. */
export interface SelfStatistics {
  /** `internal_agent`, one `internal_gather` for each input, one `internal_write` for each output. */
  snapshot(): readonly SelfMetric[];
}

export interface SelfMetric {
  readonly name: string;
  readonly tags: Tags;
  readonly fields: Readonly<Record<string, number>>;
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
