/** Metrics on the standard output, for `once` and `run --print`. */
import type { Config } from '../config/config.ts';
import type { OutputEntry } from '../deliver/entry.ts';
import { builtInPlugins } from '../registry/registry.ts';

/** `influx` prints line protocol even on a terminal; `auto` is the choice of the output `console`. */
export type PrintFormat = 'auto' | 'pretty' | 'influx';

export async function printer({ agent }: Config, format: PrintFormat = 'auto'): Promise<OutputEntry> {
  const plugin = await builtInPlugins.find('output', 'console');
  return {
    plugin,
    alias: 'console',
    options: plugin.config.parse({ format }),
    fingerprint: '',
    filter: {},
    flush_interval: agent.flush_interval,
    flush_jitter: 0,
    batch_lines: Number.MAX_SAFE_INTEGER,
    batch_bytes: Number.MAX_SAFE_INTEGER,
    timeout: 60_000,
    from: 'end',
    catch_up: 'oldest_first',
    catch_up_rate: Number.MAX_SAFE_INTEGER,
  };
}

/** Adds a printer, unless the configuration prints already. */
export async function withPrinter<C extends Config>(config: C): Promise<C> {
  if (config.outputs.some(({ plugin, alias }) => plugin.name === 'console' || alias === 'console')) return config;
  return { ...config, outputs: [...config.outputs, await printer(config)] };
}
