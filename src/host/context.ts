/** What the host gives to plugins, whichever command makes them. */
import type { Clock } from '../core/clock.ts';
import type { AgentEvents, Logger, PluginContext, SelfStatistics } from '../plugin/index.ts';

import { openHost, type HostEnvironment, type OpenHost } from './machine.ts';
import { createHttpClient } from './http-client.ts';
import { NO_EVENTS } from './events.ts';
import { createProgramRunner } from './run-program.ts';
import { sendDatagrams, sendStream } from './socket-client.ts';
import { readTls } from './tls.ts';

export interface ContextParts {
  /** Value of the `host` tag. Default: what the system says. */
  readonly hostname?: string | undefined;
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
  const { hostname, environment, log, clock, self, describe, events } = parts;
  return {
    log,
    clock,
    self,
    host: openHostNamed(hostname, environment),
    http: createHttpClient(),
    readTls,
    sendStream,
    sendDatagrams,
    describe: describe ?? (() => undefined),
    events: events ?? NO_EVENTS,
    run: createProgramRunner(clock),
  };
}

export function openHostNamed(hostname: string | undefined, environment: HostEnvironment): OpenHost {
  return openHost({ environment, ...(hostname === undefined ? {} : { hostname }) });
}
