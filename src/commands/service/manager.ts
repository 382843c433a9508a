import type { Terminal } from '../command.ts';

import type { Step } from './steps.ts';

/** systemd, launchd, or the services and tasks of Windows. */
export interface ServiceManager {
  /** @throws ConfigError if it cannot be installed, with the reason */
  install(options: ServiceOptions, terminal: Terminal): Promise<readonly Step[]>;
  /** @throws ConfigError if it is not installed, or not by healthd */
  uninstall(): Promise<readonly Step[]>;
  /** @throws ConfigError if it is not installed */
  start(): Promise<readonly Step[]>;
  /** Until the next start of the system. @throws ConfigError if it is not installed */
  stop(): Promise<readonly Step[]>;
  status(): Promise<{ readonly text: string; readonly isRunning: boolean }>;
  /** What to say afterwards. */
  readonly installed: string;
  readonly uninstalled: string;
}

export interface ServiceOptions {
  readonly config?: string;
  readonly watchesDocker: boolean;
  /** On Windows: the program of WinSW, for which only the configuration is written. */
  readonly winsw?: string | undefined;
  /** On Windows: a task instead of a service. */
  readonly task: boolean;
}
