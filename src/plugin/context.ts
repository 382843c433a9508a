/** What the host gives a plugin beside its options. */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { MetricSpec } from '../metric/catalog.ts';

import type { AgentEvents, SelfStatistics } from './agent-events.ts';
import type { FleetEvents } from './fleet.ts';
import type { OpenHubLink } from './hub-link.ts';
import type { ListenHttp } from './listener.ts';
import type { HttpClient, RouteHttp, SendDatagrams, SendStream, TlsMaterial } from './network.ts';
import type { TlsOptions } from './options.ts';
import type { RunProgram } from './program.ts';
import type { Storage } from './storage.ts';
import type { KeptText, WindowsFacts } from './windows.ts';

export interface PluginContext {
  readonly log: Logger;
  readonly host: Host;
  readonly clock: Clock;
  /** For plugins that speak HTTP without a client of their own. Connections are kept open. */
  readonly http: HttpClient;
  /** For plugins with an HTTP client of their own: certificates and the proxy. */
  readonly routeHttp: RouteHttp;
  /** For plugins that are servers. */
  readonly listen: ListenHttp;
  readonly sendStream: SendStream;
  readonly sendDatagrams: SendDatagrams;
  /**
   * Reads the files named by options of the schema `tls()`.
   *
   * @throws if one cannot be read; the message names the option
   */
  readonly readTls: (options: TlsOptions) => Promise<TlsMaterial>;
  /** Units, types and help that the configured inputs declare for a measurement; undefined if none declares it. */
  readonly describe: (measurement: string) => MetricSpec | undefined;
  /** For plugins that start programs of the user's. */
  readonly run: RunProgram;
  /** On Windows: what Node does not know. */
  readonly windows: WindowsFacts;
  /** A small text of this plugin that survives restarts. */
  readonly kept: KeptText;
  /** For inputs that confirm what they take. */
  readonly storage: Storage;
  /** The agent's own counters, for the input `internal`. */
  readonly self: SelfStatistics;
  /** The agent's own log and alerts, for the inputs that report them. */
  readonly events: AgentEvents;
  /** The hosts of this hub, for the input `fleet`. */
  readonly fleet: FleetEvents;
  /** For the output `hub`. */
  readonly openHubLink: OpenHubLink;
}

/** Where the system files of the monitored host are, and the cheapest way to read them. */
export interface Host {
  readonly platform: NodeJS.Platform;
  /** The value of the `host` tag. */
  readonly hostname: string;
  /** `/proc` or HOST_PROC. Likewise HOST_SYS, HOST_ETC, HOST_RUN and HOST_DEV below. No trailing slash. */
  readonly proc: string;
  readonly sys: string;
  readonly etc: string;
  readonly run: string;
  readonly dev: string;
  /** Where the host's root is mounted in this container (HOST_MOUNT_PREFIX), or the empty string. */
  readonly mountPrefix: string;
  /**
   * Reads a whole pseudo file synchronously, on a descriptor that stays open until the plugin stops. The bytes are valid
   * until the next call. Only for procfs and sysfs: a read that can hang would block the agent.
   *
   * @throws the system error (`ENOENT`, …) if the file cannot be read
   */
  read(path: string): Buffer;
  /** The same as text. */
  readText(path: string): string;
  /**
   * Reads a small text that may be missing and is rarely needed: a label, a serial number. Trimmed; empty if it cannot be
   * read for any reason. Keeps no descriptor.
   */
  readOptional(path: string): string;
}
