/** `healthd watch`: a live table of series. */
import { systemClock } from '../core/clock.ts';
import { compileGlobs } from '../core/globs.ts';
import type { MetricCatalog } from '../plugin/index.ts';
import { runWatch, watchLines } from '../terminal/watch/run.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Signals, type Terminal } from './command.ts';
import { intervalOf, screenOf, themeOf } from './live-screen.ts';
import { liveCatalogs, openSource } from './live-source.ts';
import { print } from './print.ts';
import { readConfig } from './read-config.ts';

export interface WatchInput extends ConfigOptions {
  readonly series: readonly string[];
  readonly interval?: string;
}

export async function watch(
  { series: patterns, ...options }: WatchInput,
  terminal: Terminal,
  signals: Signals,
): Promise<ExitCode> {
  const interval = intervalOf(options.interval);
  const matches = compileGlobs(patterns);
  const config = await readConfig(options, terminal);
  const source = await openSource({ config, interval, terminal });
  const describe = describeIn(await liveCatalogs(config));
  const given = { source, patterns, matches, describe, interval, clock: systemClock };
  const screen = screenOf(terminal);
  if (screen !== undefined) {
    await runWatch({ ...given, ...screen, theme: themeOf(terminal) }, signals.stop());
    return EXIT.ok;
  }
  const closed = new AbortController();
  terminal.stdout.on('error', () => {
    closed.abort();
  });
  const write = (line: string) => {
    print(terminal.stdout, line);
  };
  await watchLines(given, write, AbortSignal.any([signals.stop(), closed.signal]));
  return EXIT.ok;
}

function describeIn(catalogs: readonly MetricCatalog[]) {
  return (measurement: string, field: string) => {
    const catalog = catalogs.find((each) => Object.hasOwn(each, measurement));
    const spec = catalog?.[measurement];
    const known = spec !== undefined && Object.hasOwn(spec.fields, field) ? spec.fields[field] : spec?.dynamic;
    return { unit: known?.unit ?? '', isCounter: (known?.kind ?? spec?.kind) === 'counter' };
  };
}
