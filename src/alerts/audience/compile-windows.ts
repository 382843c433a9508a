import { parseDays, parseDaysOfMonth, parseMonths, parseTimes } from './parse-window.ts';
import type { Nearest, Report } from './problems.ts';
import type { RoutingConfig, WindowConfig } from './schema.ts';
import { createWindow, isZone, type TimeWindow } from './time-windows.ts';

const ALL_DAY = { start: 0, end: 24 * 60 };

export function compileWindows(
  configs: RoutingConfig['time_windows'],
  nearest: Nearest,
  report: Report,
): ReadonlyMap<string, TimeWindow> {
  return new Map(Object.entries(configs).map(([name, config]) => [name, compileWindow(name, config, nearest, report)]));
}

function compileWindow(name: string, config: WindowConfig, nearest: Nearest, report: Report): TimeWindow {
  const path = ['time_windows', name];
  const parse = <Given, Parsed>(key: string, given: readonly Given[] | undefined, read: (one: Given) => Parsed) =>
    given?.flatMap((one, index) => {
      try {
        return [read(one)];
      } catch (error) {
        report({ path: [...path, key, index], message: (error as Error).message });
        return [];
      }
    });
  const isKnown = isZone(config.zone);
  if (!isKnown) {
    const near = nearest(config.zone, Intl.supportedValuesOf('timeZone'));
    const hint = near === undefined ? 'write an IANA name, such as Europe/Athens' : `did you mean "${near}"?`;
    report({ path: [...path, 'zone'], message: `"${config.zone}" is not a time zone`, hint });
  }
  return createWindow(name, {
    zone: isKnown ? config.zone : 'UTC',
    days: parse('days', config.days, parseDays)?.flat(),
    times: parse('times', config.times, parseTimes) ?? [ALL_DAY],
    daysOfMonth: parse('days_of_month', config.days_of_month, parseDaysOfMonth),
    months: parse('months', config.months, parseMonths)?.flat(),
  });
}
