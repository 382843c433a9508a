/** `healthd once`: gathers every input once, rates included, and prints the metrics. */
import { Agent } from '../agent/agent.ts';
import type { Config } from '../config/config.ts';
import type { OutputEntry } from '../deliver/entry.ts';
import { systemClock } from '../core/clock.ts';
import { openLogging } from '../logging/logging.ts';
import { builtInPlugins } from '../registry/registry.ts';
import { healthdVersion } from '../version.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './command.ts';
import { readConfig } from './read-config.ts';

export interface OnceOptions extends ConfigOptions {
  /** `influx` prints line protocol even on a terminal. Default: `auto`, the choice of the output `console`. */
  readonly format?: 'auto' | 'pretty' | 'influx';
}

/** Time between the two gathers that rates need. */
const BETWEEN_GATHERS_MS = 1000;

export async function once(options: OnceOptions, terminal: Terminal): Promise<ExitCode> {
  const config = await readConfig(options, terminal);
  const settings = { level: 'warn', format: 'text', file: undefined } as const;
  const logging = openLogging({
    settings,
    stream: terminal.stderr,
    now: systemClock.now,
    redact: config.secrets.redact,
  });
  const agent = new Agent({
    config: { ...config, outputs: [await printer(config, options)], journal: { ...config.journal, buffer: 'memory' } },
    version: healthdVersion(),
    environment: terminal.environment,
    logFor: logging.logFor,
    once: true,
  });
  await agent.start();
  const failed = await agent.gatherOnce(BETWEEN_GATHERS_MS);
  await agent.stop();
  await logging.close();
  return failed.length === 0 ? EXIT.ok : EXIT.failed;
}

async function printer({ agent }: Config, { format = 'auto' }: OnceOptions): Promise<OutputEntry> {
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
