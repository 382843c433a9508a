/** What the host gives to plugins: the means that repeat, and what it knows. */
import type { AuditEntry } from './audit-entry.ts';
import type { Clock } from '../core/clock.ts';
import type { LogEntry, Logger } from '../core/logger.ts';
import type { MetricSpec } from '../metric/catalog.ts';
import type { Tags } from '../metric/metric.ts';
import type { AlertView } from './notification.ts';
import type { TlsOptions } from './options.ts';

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
  /** UTF-8, inflated if it came as gzip; at most the first `maxAnswerBytes`. */
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
