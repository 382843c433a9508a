/** What the host gives to plugins, whichever command makes them. */
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { AgentEvents, Logger, PluginContext, SelfStatistics } from '../plugin.ts';

import { openHost, type HostEnvironment, type OpenHost } from './host.ts';
import { createHttpClient } from './http-client.ts';
import { NO_EVENTS } from './no-events.ts';
import { createProgramRunner } from './run-program.ts';
import { sendDatagrams, sendStream } from './socket-client.ts';
import { readTls } from './tls.ts';

export interface ContextParts {
  readonly config: Pick<Config, 'agent'>;
  readonly environment: HostEnvironment;
  readonly log: Logger;
  readonly clock: Clock;
  readonly self: SelfStatistics;
  /** Default: nothing is known. */
  readonly describe?: PluginContext['describe'];
  /** Default: nothing happens. */
  readonly events?: AgentEvents;
}

/** Closed with its `host`. */
export type OpenContext = PluginContext & { readonly host: OpenHost };

export function pluginContext(parts: ContextParts): OpenContext {
  const { config, environment, log, clock, self, describe, events } = parts;
  return {
    log,
    clock,
    self,
    host: openConfiguredHost(config, environment),
    http: createHttpClient(),
    readTls,
    sendStream,
    sendDatagrams,
    describe: describe ?? (() => undefined),
    events: events ?? NO_EVENTS,
    run: createProgramRunner(clock),
  };
}

/** The host under the name that the configuration gives it. */
export function openConfiguredHost({ agent }: Pick<Config, 'agent'>, environment: HostEnvironment): OpenHost {
  const { hostname } = agent;
  return openHost({ environment, ...(hostname === undefined ? {} : { hostname }) });
}
