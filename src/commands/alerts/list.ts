/** `healthd alerts`: lists active alerts, or past events. */
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import { milliseconds, systemClock } from '../../core/clock.ts';
import { ConfigError } from '../../core/errors.ts';

import { humanCount } from '../columns.ts';
import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { parseTime } from '../time.ts';

import { currentAlerts } from './current-alerts.ts';
import { historyLines, listLines, windowLines } from './list-text.ts';

export interface AlertsOptions extends ConfigOptions {
  readonly history?: boolean;
  readonly since?: string;
  readonly rule?: string;
  readonly host?: string;
  readonly limit?: string;
  readonly json?: boolean;
}

export function alerts(options: AlertsOptions, terminal: Terminal): Promise<ExitCode> {
  return withDaemon(options, terminal, async ({ client, print }) => {
    const now = systemClock.now();
    if (options.history === true) {
      const path = `/api/v1/alerts/history?${historyQuery(options, now)}`;
      const { entries } = (await client.get(path)) as { readonly entries: readonly AuditEntry[] };
      print(options.json === true ? entries : historyLines(entries));
      return EXIT.ok;
    }
    const { alerts: all, windows } = await currentAlerts(client);
    const listed = all.filter(
      ({ alert }) =>
        (options.rule === undefined || alert.rule === options.rule) &&
        (options.host === undefined || alert.host === options.host),
    );
    if (options.json === true) print(listed);
    else {
      // Windows are those of all hosts.
      const isWanted = (rule: string) => options.host === undefined && [undefined, rule].includes(options.rule);
      const filling = windows.filter(({ rule }) => isWanted(rule));
      print([...listLines(listed, now), ...windowLines(filling)]);
    }
    return EXIT.ok;
  });
}

/** That the API gives. */
const MOST_ENTRIES = 10_000;

/** @throws ConfigError */
function countOf(limit: string): string {
  if (!/^\d{1,5}$/.test(limit) || Number(limit) < 1 || Number(limit) > MOST_ENTRIES)
    throw new ConfigError(`--limit ${limit} is not a number from 1 to ${humanCount(MOST_ENTRIES)}`);
  return limit;
}

function historyQuery({ since, rule, host, limit }: AlertsOptions, now: number): string {
  const query = new URLSearchParams();
  if (since !== undefined) query.set('since', String(milliseconds(parseTime(since, now))));
  if (rule !== undefined) query.set('rule', rule);
  if (host !== undefined) query.set('host', host);
  if (limit !== undefined) query.set('limit', countOf(limit));
  return query.toString();
}
