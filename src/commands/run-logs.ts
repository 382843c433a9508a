/** The log of the daemon, its audit log, and the secrets that both redact. */
import { alertLogPath } from '../alerts/part.ts';
import type { Config } from '../config/config.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Secrets } from '../config/secrets.ts';
import { systemClock } from '../core/clock.ts';
import { Feed } from '../core/feed.ts';
import type { LogEntry, LogLevel } from '../core/logger.ts';
import { auditLine, openAlertLog, type AlertLog } from '../logging/alert-log.ts';
import { openLogging } from '../logging/logging.ts';
import type { LogSettings } from '../logging/settings.ts';
import type { AuditEntry, Logger } from '../plugin/index.ts';

export interface RunLogOptions {
  readonly config: LoadedConfig;
  /** Instead of the configured one. */
  readonly level: LogLevel | undefined;
  readonly stderr: NodeJS.WriteStream;
  /** stderr gets only lines of this level and above. */
  readonly streamLevel: LogLevel | undefined;
}

export function openLogs({ config, level, stderr, streamLevel }: RunLogOptions) {
  let current = config;
  let secrets: readonly Secrets[] = [config.secrets];
  const settings = (): LogSettings => ({ ...current.log, level: level ?? current.log.level });
  const redact = (text: string) => secrets.reduce((rest, each) => each.redact(rest), text);
  const lines = new Feed<LogEntry>();
  const { publish, subscribe } = lines;
  const logging = openLogging({
    settings: settings(),
    stream: stderr,
    streamLevel,
    now: systemClock.now,
    redact,
    publish,
  });
  const audit = openAudit(config, logging.logFor('alerts'));
  return {
    config: () => current,
    logFor: logging.logFor,
    log: subscribe,
    redact,
    writeAudit: (entry: AuditEntry) => {
      audit.write(auditLine(entry));
    },
    /** Old plugins log until they have stopped, so both sets of secrets are redacted meanwhile, and also after a failure. */
    whileReplacing: async <Result>(next: LoadedConfig, work: () => Promise<Result>): Promise<Result> => {
      secrets = [current.secrets, next.secrets];
      const result = await work();
      secrets = [next.secrets];
      current = next;
      return result;
    },
    reopen: () => {
      logging.configure(settings());
      audit.reopen();
    },
    close: async () => {
      await audit.close();
      await logging.close();
    },
  };
}

export type RunLogs = ReturnType<typeof openLogs>;

function openAudit(config: Config, log: Logger): AlertLog {
  const { path = alertLogPath(config.agent.state_dir), ...rest } = config.alerts.log;
  const report = (message: string) => {
    log.warn(message);
  };
  return openAlertLog({ ...rest, path, report });
}
