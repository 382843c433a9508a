/** `healthd run`: the daemon. */
import { setFlagsFromString } from 'node:v8';

import { Agent } from '../agent/agent.ts';
import { alertLogPath } from '../alerts/part.ts';
import type { Config } from '../config/config.ts';
import type { LogSettings } from '../logging/settings.ts';
import type { Secrets } from '../config/secrets.ts';
import { systemClock } from '../core/clock.ts';
import { toError } from '../core/errors.ts';
import { Feed } from '../core/feed.ts';
import type { LogEntry } from '../core/logger.ts';
import { auditLine, openAlertLog, type AlertLog } from '../logging/alert-log.ts';
import { openLogging } from '../logging/logging.ts';
import type { Logger } from '../plugin/index.ts';
import { healthdVersion } from '../version.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Signals, type Terminal } from './command.ts';
import { describeProblem, readConfig } from './read-config.ts';
import { createWatch } from './watchdog.ts';

export interface RunOptions extends ConfigOptions {
  readonly logLevel?: LogSettings['level'];
}

/**
 * How much a function must run before V8 optimises it: about fifteen times the default. With the default, V8 would optimise
 * nearly all code of a daemon that runs a little of it every second within minutes, at a fifth of its CPU time and two
 * megabytes, without a gain. Hot loops still reach the budget.
 */
const COMPILE_LATER = '--interrupt-budget=2000000';

export async function run(options: RunOptions, terminal: Terminal, signals: Signals): Promise<ExitCode> {
  const stop = signals.stop();
  setFlagsFromString(COMPILE_LATER);
  const config = await readConfig(options, terminal);
  const logSettings = ({ log }: Config) => ({ ...log, level: options.logLevel ?? log.level });
  let secrets: readonly Secrets[] = [config.secrets];
  const redact = (text: string) => secrets.reduce((rest, each) => each.redact(rest), text);
  const { logging, lines } = openLogs(logSettings(config), terminal, redact);
  const log = logging.logFor('agent');
  logStart(log, config);
  const audit = openAudit(config, logging.logFor('alerts'));
  const watched = createWatch(config, logging.logFor('watchdog'));
  const agent = new Agent({
    config: watched(config),
    version: healthdVersion(),
    environment: terminal.environment,
    logFor: logging.logFor,
    writeAudit: (entry) => {
      audit.write(auditLine(entry));
    },
    log: lines.subscribe,
    redact,
    serve: true,
  });
  const close = async () => {
    await audit.close();
    await logging.close();
  };
  try {
    await agent.start(stop);
  } catch (error) {
    if (!stop.aborted) log.error(`Could not start: ${toError(error).message}`);
    await close();
    return stop.aborted ? EXIT.ok : EXIT.misuse;
  }

  let current: Config = config;
  let turn = Promise.resolve();
  signals.onReload(() => {
    turn = turn.then(reload);
  });

  async function reload(): Promise<void> {
    try {
      const next = await readConfig(options, terminal);
      // Old plugins log until they have stopped, so both sets are redacted. The first one belongs to the current configuration.
      secrets = [...secrets.slice(0, 1), next.secrets];
      await agent.reload(watched(next));
      secrets = [next.secrets];
      current = next;
    } catch (error) {
      log.error(`Reload failed, the current configuration stays in use:\n${describeProblem(error)}`);
    }
    // Even if nothing has changed: logrotate may have moved the files.
    logging.configure(logSettings(current));
    await agent.reopen();
    audit.reopen();
  }

  await aborted(stop);
  await turn;
  await agent.stop();
  await close();
  return EXIT.ok;
}

function openLogs(settings: LogSettings, { stderr }: Terminal, redact: (text: string) => string) {
  const lines = new Feed<LogEntry>();
  const logging = openLogging({ settings, stream: stderr, now: systemClock.now, redact, publish: lines.publish });
  return { logging, lines };
}

function logStart(log: Logger, { files }: Config): void {
  const version = healthdVersion();
  if (files.length === 0) log.info('No configuration found; running with the default', { version });
  else log.info('Configuration read', { version, files });
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
