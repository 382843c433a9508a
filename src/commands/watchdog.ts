import type { Config } from '../config/config.ts';
import type { Logger } from '../core/logger.ts';
import type { PluginEntry } from '../host/entry.ts';
import { Watchdog } from '../host/watchdog/watchdog.ts';
import type { Plugin } from '../plugin/index.ts';

import { threadProgram } from './installation.ts';

/** Watches the external plugins of a configuration. Built-in plugins have no work that can block for long. */
export function createWatch({ log: { format } }: Config, log: Logger): (config: Config) => Config {
  const watchdog = new Watchdog({ program: threadProgram('watchdog-thread.js'), log, format });
  const watched = <Entry extends PluginEntry<Plugin>>(entries: readonly Entry[]) =>
    entries.map((entry) => (entry.file === undefined ? entry : watchdog.watch(entry)));
  return (config) => ({
    ...config,
    inputs: watched(config.inputs),
    processors: watched(config.processors),
    outputs: watched(config.outputs),
    notifiers: watched(config.notifiers),
  });
}
