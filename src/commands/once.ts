/** `healthd once`: gathers every input once, rates included, and prints the metrics. */
import { Agent } from '../agent/agent.ts';
import { systemClock } from '../core/clock.ts';
import { openLogging } from '../logging/logging.ts';
import { healthdVersion } from '../version.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './command.ts';
import { printer, type PrintFormat } from './printer.ts';
import { readConfig } from './read-config.ts';

export interface OnceOptions extends ConfigOptions {
  /** Default: `auto`. */
  readonly format?: PrintFormat;
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
    config: {
      ...config,
      outputs: [await printer(config, options.format)],
      journal: { ...config.journal, buffer: 'memory' },
    },
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
