/** Where `top` and `watch` get their data from. */
import { accessSync, constants } from 'node:fs';

import type { LoadedConfig } from '../config/load.ts';
import { systemClock } from '../core/clock.ts';
import { openHost } from '../host/machine.ts';
import { ProcessCapture } from '../host/processes/capture.ts';
import { LIVE_TOP } from '../host/processes/top.ts';
import type { MetricCatalog } from '../plugin/index.ts';
import { builtInPlugins } from '../registry/registry.ts';
import { controlClient } from '../server/client.ts';
import { attachedSource } from '../terminal/source/attached.ts';
import { gatheringSource, type GatheredInput } from '../terminal/source/gathering.ts';
import { pastSource } from '../terminal/source/past.ts';
import type { TopSource } from '../terminal/source/source.ts';

import { authorOf } from './alerts/author.ts';
import type { Terminal } from './command.ts';

export interface SourceRequest {
  readonly config: LoadedConfig;
  readonly interval: number;
  readonly terminal: Terminal;
}

/** What is gathered without an agent, and how often at most, ms: files of /proc each time, what is dearer less often. */
const INPUTS: Readonly<Record<string, number>> = {
  cpu: 0,
  mem: 0,
  swap: 0,
  diskio: 0,
  net: 0,
  system: 2000,
  kernel: 2000,
  temp: 4000,
  docker: 4000,
  disk: 10_000,
};

const DOCKER_SOCKET = '/var/run/docker.sock';

/** The running agent's, or gathered here if none runs. */
export async function openSource(request: SourceRequest): Promise<TopSource> {
  const { config, interval, terminal } = request;
  const { environment } = terminal;
  const client = controlClient(config.agent.state_dir, process.platform);
  const attached = await attachedSource({ client, interval, by: authorOf(undefined), clock: systemClock });
  if (attached !== undefined) return attached;
  const { proc, etc } = openHost({ environment });
  return gatheringSource({
    inputs: await gatheredInputs(config),
    processes: new ProcessCapture({ proc, etc, clock: systemClock, top: LIVE_TOP }),
    interval,
    environment,
    clock: systemClock,
  });
}

/** @throws ConfigError if no agent runs that could be asked */
export function openPast({ agent }: LoadedConfig, at: number): Promise<TopSource> {
  return pastSource({ client: controlClient(agent.state_dir, process.platform), at, clock: systemClock });
}

/** Configured inputs with their options, the others with defaults. */
async function gatheredInputs({ inputs }: LoadedConfig): Promise<readonly GatheredInput[]> {
  const gathered: GatheredInput[] = [];
  for (const [name, every] of Object.entries(INPUTS)) {
    const configured = inputs.find(({ plugin, file }) => plugin.name === name && file === undefined);
    if (configured === undefined && name === 'docker' && !hasDocker()) continue;
    const plugin = configured?.plugin ?? (await builtInPlugins.find('input', name));
    const options = (configured?.options ?? plugin.config.parse({})) as object;
    gathered.push({ plugin, options: name === 'kernel' ? withPressure(options) : options, every });
  }
  return gathered;
}

/** Whether this user may ask the daemon. */
function hasDocker(): boolean {
  try {
    accessSync(DOCKER_SOCKET, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false; // none, or not for this user
  }
}

function withPressure(options: object): object {
  return { ...options, collect: ['psi'] };
}

/** What the inputs declare that may be watched. */
export async function liveCatalogs({ inputs }: LoadedConfig): Promise<readonly MetricCatalog[]> {
  const names = [...Object.keys(INPUTS), 'processes'];
  const builtIn = await Promise.all(names.map((name) => builtInPlugins.find('input', name)));
  return [...inputs.map(({ plugin }) => plugin.metrics), ...builtIn.map(({ metrics }) => metrics)];
}
