/** What the host gives to plugins, whichever command makes them. */
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger, PluginContext, SelfStatistics } from '../plugin.ts';

import { openHost, type HostEnvironment, type OpenHost } from './host.ts';
import { createHttpClient } from './http-client.ts';
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
}

/** Closed with its `host`. */
export type OpenContext = PluginContext & { readonly host: OpenHost };

export function pluginContext({ config, environment, log, clock, self, describe }: ContextParts): OpenContext {
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
    run: createProgramRunner(clock),
  };
}

/** The host under the name that the configuration gives it. */
export function openConfiguredHost({ agent }: Pick<Config, 'agent'>, environment: HostEnvironment): OpenHost {
  const { hostname } = agent;
  return openHost({ environment, ...(hostname === undefined ? {} : { hostname }) });
}
