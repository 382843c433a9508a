/** What the host gives to plugins, in the agent, in commands and in tests. */
import { systemClock, type Clock } from '../core/clock.ts';
import { silentLog, type Logger } from '../core/logger.ts';
import type { AgentEvents, FleetEvents, HubLink, PluginContext, SelfStatistics, Storage } from '../plugin/index.ts';

import { NO_EVENTS } from './events.ts';
import { createHttpClient } from './http-client.ts';
import { openRoute } from './http-route.ts';
import { openLink, type Member } from './hub/open-link.ts';
import { listenHttp } from './http-server/listen.ts';
import { openHost, type HostOptions, type OpenHost } from './machine.ts';
import { createProgramRunner } from './run-program.ts';
import { sendDatagrams, sendStream } from './socket-client.ts';
import { readTls } from './tls.ts';
import { keptText } from './kept-text.ts';
import { WindowsReader } from './windows/reader.ts';

/** The host that the plugin watches, and what differs between callers. */
export interface ContextOptions extends HostOptions {
  /** Default: logs nothing. */
  readonly log?: Logger;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Default: no metrics. */
  readonly self?: SelfStatistics;
  /** Default: knows no measurement. */
  readonly describe?: PluginContext['describe'];
  /** Default: everything is written at once. */
  readonly storage?: Storage;
  /** Default: no events. */
  readonly events?: AgentEvents;
  /** Default: no hosts. */
  readonly fleet?: FleetEvents;
  /** Shared by all plugins of an agent. Default: one of its own, which starts when it is asked. */
  readonly windows?: WindowsReader;
  /** File of `kept`. Default: forgotten. */
  readonly keptFile?: string;
  /** Default: none; what is sent to a hub is refused. */
  readonly member?: Member & { readonly alias: string };
}

const NO_STATISTICS: SelfStatistics = { snapshot: () => [] };

const NO_FLEET: FleetEvents = { snapshot: () => [], onChange: () => () => undefined };

const NO_STORAGE: Storage = { trouble: undefined, nextLine: 0, written: () => Promise.resolve() };

/** A second process with the identity of the agent would be a clone to its hub. */
const NO_LINK: HubLink = {
  send: () => Promise.reject(new Error('Only the running agent of this host can send to its hub')),
  close: () => Promise.resolve(),
};

/** Closed with its `host`. */
export type OpenContext = PluginContext & { readonly host: OpenHost };

export function pluginContext(options: ContextOptions): OpenContext {
  const { log = silentLog, clock = systemClock, describe, events = NO_EVENTS, environment = {} } = options;
  const { storage = NO_STORAGE, fleet = NO_FLEET, self = NO_STATISTICS, member } = options;
  const windows = (options.windows ?? new WindowsReader(clock)).lease();
  const host = openHost(options);
  const close = () => {
    windows.release();
    host.close();
  };
  const means = {
    host: { ...host, close },
    http: createHttpClient(environment),
    run: createProgramRunner(clock),
    ...{ self, storage, clock, log },
  };
  return {
    ...means,
    windows,
    kept: keptText(options.keptFile),
    routeHttp: (target) => openRoute(target, environment),
    listen: (listening) => listenHttp(listening, log),
    readTls,
    sendStream,
    sendDatagrams,
    describe: describe ?? (() => undefined),
    events,
    fleet,
    openHubLink: (settings) => (member === undefined ? NO_LINK : openLink(member.alias, member, means, settings)),
  };
}
