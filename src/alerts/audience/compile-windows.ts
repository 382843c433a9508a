import { parseDays, parseDaysOfMonth, parseMonths, parseTimes } from './parse-window.ts';
import type { Nearest, Report, RoutingProblem } from './problems.ts';
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
  const unknownZone = zoneProblem(config.zone, nearest);
  if (unknownZone !== undefined) report({ path: [...path, 'zone'], ...unknownZone });
  return createWindow(name, {
    zone: unknownZone === undefined ? config.zone : 'UTC',
    days: parse('days', config.days, parseDays)?.flat(),
    times: parse('times', config.times, parseTimes) ?? [ALL_DAY],
    daysOfMonth: parse('days_of_month', config.days_of_month, parseDaysOfMonth),
    months: parse('months', config.months, parseMonths)?.flat(),
  });
}

/** @returns undefined for a time zone that is known */
export function zoneProblem(zone: string, nearest: Nearest): Omit<RoutingProblem, 'path'> | undefined {
  if (isZone(zone)) return undefined;
  const near = nearest(zone, Intl.supportedValuesOf('timeZone'));
  const hint = near === undefined ? 'write an IANA name, such as Europe/Athens' : `did you mean "${near}"?`;
  return { message: `"${zone}" is not a time zone`, hint };
}
