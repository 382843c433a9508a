/** What the API asks of the configuration, the log and the process. */
import type { Config } from '../config/config.ts';
import { userName } from '../host/user-name.ts';
import type { MetricCatalog } from '../metric/catalog.ts';
import type { Host } from '../plugin/index.ts';
import { LogTail } from '../server/log-tail.ts';
import type { Sources } from '../server/sources.ts';

import type { AgentOptions } from './options.ts';
import { globalTags } from './sections.ts';

type OwnSources = Pick<Sources, 'hostTag' | 'user' | 'catalog' | 'config' | 'control' | 'log' | 'start'>;

export function createOwnSources(
  options: Pick<AgentOptions, 'log' | 'configText' | 'control'>,
  host: Host,
  config: () => Config,
): OwnSources {
  const tail = new LogTail();
  let isTailing = false;
  const user = userName();
  return {
    hostTag: () => globalTags(config(), host)['host'],
    user: () => user,
    catalog: () => catalogOf(config()),
    config: () => options.configText?.(),
    control: () => options.control,
    log: (limit) => tail.newest(limit),
    // The first subscription gets the lines from before: it belongs to the input `agent_log`, whose part starts earlier.
    start: () => {
      if (!isTailing) options.log?.(tail.add);
      isTailing = true;
    },
  };
}

const catalogs = new WeakMap<Config, MetricCatalog>();

/** Several inputs may report one measurement; the first one that describes it counts. */
function catalogOf(config: Config): MetricCatalog {
  const known = catalogs.get(config);
  if (known !== undefined) return known;
  const catalog = Object.assign({}, ...config.inputs.map(({ plugin }) => plugin.metrics).toReversed()) as MetricCatalog;
  catalogs.set(config, catalog);
  return catalog;
}
