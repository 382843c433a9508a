/** `healthd alerts`: lists active alerts, or past events. */
import type { FillingWindow, ListedAlert } from '../../alerts/control.ts';
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import { milliseconds, systemClock } from '../../core/clock.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { parseTime } from '../time.ts';

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
      const entries = (await client.get(`/v1/history?${historyQuery(options, now)}`)) as readonly AuditEntry[];
      print(options.json === true ? entries : historyLines(entries));
      return EXIT.ok;
    }
    const listed = ((await client.get('/v1/alerts')) as readonly ListedAlert[]).filter(
      ({ alert }) =>
        (options.rule === undefined || alert.rule === options.rule) &&
        (options.host === undefined || alert.host === options.host),
    );
    if (options.json === true) print(listed);
    else {
      const windows = ((await client.get('/v1/windows')) as readonly FillingWindow[]).filter(
        ({ rule }) => options.rule === undefined || rule === options.rule,
      );
      print([...listLines(listed, now), ...windowLines(windows)]);
    }
    return EXIT.ok;
  });
}

function historyQuery({ since, rule, host, limit }: AlertsOptions, now: number): string {
  const query = new URLSearchParams();
  if (since !== undefined) query.set('since', String(milliseconds(parseTime(since, now))));
  if (rule !== undefined) query.set('rule', rule);
  if (host !== undefined) query.set('host', host);
  if (limit !== undefined) query.set('limit', limit);
  return query.toString();
}
