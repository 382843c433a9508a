/** `healthd top`: the host on one screen. */
import { hostname } from 'node:os';

import { systemClock } from '../core/clock.ts';
import { onceTop, runTop } from '../terminal/top/run.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Signals, type Terminal } from './command.ts';
import { intervalOf, printedSize, screenOf, themeOf } from './live-screen.ts';
import { openPast, openSource } from './live-source.ts';
import { print } from './print.ts';
import { readConfig } from './read-config.ts';
import { parseTimeBack } from './time.ts';

export interface TopInput extends ConfigOptions {
  readonly interval?: string;
  readonly once?: boolean;
  /** A moment of the past. */
  readonly at?: string;
}

/** Of the keys `t` and `T`: how often the default configuration gathers. */
const PAST_STEP = '10s';

export async function top(options: TopInput, terminal: Terminal, signals: Signals): Promise<ExitCode> {
  const isPast = options.at !== undefined;
  const interval = intervalOf(options.interval ?? (isPast ? PAST_STEP : undefined));
  const config = await readConfig(options, terminal);
  const source = isPast
    ? await openPast(config, parseTimeBack(options.at, systemClock.now()))
    : await openSource({ config, interval, terminal });
  const screen = options.once === true ? undefined : screenOf(terminal);
  const facts = {
    hostname: config.agent.hostname ?? hostname(),
    intervalMs: interval,
    isInteractive: screen !== undefined,
  };
  const given = { source, facts, theme: themeOf(terminal), clock: systemClock };
  if (screen === undefined) {
    const rows = await onceTop(given, printedSize(terminal), signals.stop());
    print(terminal.stdout, rows.join('\n').trimEnd());
  } else await runTop({ ...given, ...screen }, signals.stop());
  return EXIT.ok;
}
