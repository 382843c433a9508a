/** `healthd run`: the daemon. */
import { Agent } from '../agent/agent.ts';
import type { Config } from '../config/config.ts';
import type { DraftFile, LoadedConfig } from '../config/load.ts';
import { showConfig } from '../config/show.ts';
import { systemClock } from '../core/clock.ts';
import { toError } from '../core/errors.ts';
import type { LogLevel } from '../core/logger.ts';
import type { Logger } from '../plugin/index.ts';
import { builtInPlugins } from '../registry/registry.ts';
import type { AgentControl } from '../server/control.ts';
import { healthdVersion } from '../version.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Signals, type Terminal } from './command.ts';
import { threadProgram } from './installation.ts';
import { PageRules } from './page-rules.ts';
import { withPrinter } from './printer.ts';
import { readConfig } from './read-config.ts';
import { notifyReady } from './readiness.ts';
import { Reloads } from './reloads.ts';
import { openLogs } from './run-logs.ts';
import { createWatch } from './watchdog.ts';

export interface RunOptions extends ConfigOptions {
  readonly logLevel?: LogLevel;
  /** Prints the metrics. Default: only those of a configuration without outputs, if stdout is not a terminal. */
  readonly print?: boolean;
}

/** A request to stop is answered meanwhile. ms */
const ANSWER_MS = 200;

export async function run(options: RunOptions, terminal: Terminal, signals: Signals): Promise<ExitCode> {
  const [failed, asked] = [new AbortController(), new AbortController()];
  const stop = AbortSignal.any([signals.stop(), failed.signal, asked.signal]);
  const hasScreen = terminal.stdout.isTTY && options.print !== true;
  const showScreen = hasScreen ? (await import('./show-screen.ts')).prepareScreen(terminal) : undefined;
  const read = (draft?: DraftFile) => readFor(options, terminal, hasScreen, draft);
  const config = await read();
  if (process.platform === 'win32') {
    const { closeStateFolder } = await import('./windows-folders.ts');
    await closeStateFolder(config.agent.state_dir, terminal.environment);
  }
  const streamLevel = hasScreen && options.logLevel === undefined ? 'warn' : undefined;
  const logs = openLogs({ config, level: options.logLevel, stderr: terminal.stderr, streamLevel });
  const log = logs.logFor('agent');
  logStart(log, config);
  const watched = createWatch(config, logs.logFor('watchdog'));
  const use = (next: LoadedConfig) => agent.reload(watched(next));
  const reloads = new Reloads({ read: () => read(), use, reopen: () => agent.reopen(), logs, log });
  const agent: Agent = new Agent({
    ...logs,
    config: watched(config),
    version: healthdVersion(),
    environment: terminal.environment,
    onTooManyErrors: () => {
      failed.abort();
    },
    findInput: (name) => builtInPlugins.find('input', name),
    serve: true,
    control: controlOf(reloads, asked, config),
    ruleFile: new PageRules({ read, config: () => logs.config(), reload: () => reloads.reload() }),
    configText: () => showConfig(logs.config()),
    historyProgram: threadProgram('history-thread.js'),
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
  signals.onReload(() => {
    // What is wrong is in the log.
    void reloads.reload().catch(() => undefined);
  });
  await notifyReady(terminal.environment, log);
  await showScreen?.(config, agent.newAddress(), stop);
  await aborted(stop);
  await reloads.settled();
  await agent.stop(signals.endsWithin());
  await logs.close();
  return ended();
}

async function readFor(
  options: RunOptions,
  terminal: Terminal,
  hasScreen: boolean,
  draft?: DraftFile,
): Promise<LoadedConfig> {
  const config = await readConfig(options, terminal, hasScreen ? { outputs: [] } : {}, draft);
  return options.print === true ? withPrinter(config) : config;
}

function controlOf(reloads: Reloads, asked: AbortController, { agent }: Config): AgentControl {
  return {
    reload: () => reloads.reload(),
    stop: () => {
      systemClock.after(ANSWER_MS, () => {
        asked.abort();
      });
      return { pid: process.pid, within: agent.stop_timeout + ANSWER_MS };
    },
  };
}

function logStart(log: Logger, { files, agent }: Config): void {
  const facts = { version: healthdVersion(), state: agent.state_dir };
  if (files.length === 0) log.info('No configuration found; running with the default', facts);
  else log.info('Configuration read', { files, ...facts });
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
