/** `healthd run`: the daemon. */
import { Agent } from '../agent/agent.ts';
import { alertLogPath } from '../alerts/part.ts';
import type { Config } from '../config/config.ts';
import type { LogSettings } from '../logging/settings.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Secrets } from '../config/secrets.ts';
import { systemClock } from '../core/clock.ts';
import { toError } from '../core/errors.ts';
import { Feed } from '../core/feed.ts';
import type { LogEntry } from '../core/logger.ts';
import { auditLine, openAlertLog, type AlertLog } from '../logging/alert-log.ts';
import { openLogging } from '../logging/logging.ts';
import type { AuditEntry, Logger } from '../plugin/index.ts';
import { builtInPlugins } from '../registry/registry.ts';
import { healthdVersion } from '../version.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Signals, type Terminal } from './command.ts';
import { watchInstallation } from './installation.ts';
import { describeProblem, readConfig } from './read-config.ts';
import { createWatch } from './watchdog.ts';

export interface RunOptions extends ConfigOptions {
  readonly logLevel?: LogSettings['level'];
}

export async function run(options: RunOptions, terminal: Terminal, signals: Signals): Promise<ExitCode> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signals.stop(), failed.signal]);
  const config = await readConfig(options, terminal);
  const logs = openLogs(config, options, terminal);
  const log = logs.logFor('agent');
  logStart(log, config);
  const watched = createWatch(config, logs.logFor('watchdog'));
  const agent = new Agent({
    ...logs,
    config: watched(config),
    version: healthdVersion(),
    environment: terminal.environment,
    onTooManyErrors: () => {
      failed.abort();
    },
    findInput: (name) => builtInPlugins.find('input', name),
    serve: true,
  });
  signals.onStrayError((thrown) => {
    agent.takeStrayError(thrown);
  });
  const ended = () => (failed.signal.aborted ? EXIT.failed : EXIT.ok);
  try {
    await agent.start(stop);
  } catch (error) {
    if (!stop.aborted) log.error(`Could not start: ${toError(error).message}`);
    await logs.close();
    return stop.aborted ? ended() : EXIT.misuse;
  }

  const replacement = watchInstallation();
  async function reload(): Promise<void> {
    const replaced = replacement();
    if (replaced !== undefined) log.warn(replaced);
    try {
      const next = await readConfig(options, terminal);
      await logs.whileReplacing(next, () => agent.reload(watched(next)));
    } catch (error) {
      log.error(`Reload failed, the current configuration stays in use:\n${describeProblem(error)}`);
    }
    // Even if nothing has changed: logrotate may have moved the files.
    logs.reopen();
    await agent.reopen();
  }

  let turn = Promise.resolve();
  signals.onReload(() => {
    turn = turn.then(reload);
  });
  await aborted(stop);
  await turn;
  await agent.stop();
  await logs.close();
  return ended();
}

/** The log, the audit log, and the secrets that both redact. */
function openLogs(config: LoadedConfig, { logLevel }: RunOptions, { stderr }: Terminal) {
  let current = config;
  let secrets: readonly Secrets[] = [config.secrets];
  const settings = (): LogSettings => ({ ...current.log, level: logLevel ?? current.log.level });
  const redact = (text: string) => secrets.reduce((rest, each) => each.redact(rest), text);
  const lines = new Feed<LogEntry>();
  const { publish, subscribe } = lines;
  const logging = openLogging({ settings: settings(), stream: stderr, now: systemClock.now, redact, publish });
  const audit = openAudit(config, logging.logFor('alerts'));
  return {
    logFor: logging.logFor,
    log: subscribe,
    redact,
    writeAudit: (entry: AuditEntry) => {
      audit.write(auditLine(entry));
    },
    /** Old plugins log until they have stopped, so both sets of secrets are redacted meanwhile, and also after a failure. */
    whileReplacing: async (next: LoadedConfig, work: () => Promise<void>) => {
      secrets = [current.secrets, next.secrets];
      await work();
      secrets = [next.secrets];
      current = next;
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

function logStart(log: Logger, { files, agent }: Config): void {
  const facts = { version: healthdVersion(), state: agent.state_dir };
  if (files.length === 0) log.info('No configuration found; running with the default', facts);
  else log.info('Configuration read', { files, ...facts });
}

function openAudit(config: Config, log: Logger): AlertLog {
  const { path = alertLogPath(config.agent.state_dir), ...rest } = config.alerts.log;
  const report = (message: string) => {
    log.warn(message);
  };
  return openAlertLog({ ...rest, path, report });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}
