import type { Terminal } from '../command.ts';

import type { Step } from './steps.ts';

/** systemd or launchd. */
export interface ServiceManager {
  /** @throws ConfigError if it cannot be installed, with the reason */
  install(options: ServiceOptions, terminal: Terminal): Promise<readonly Step[]>;
  /** @throws ConfigError if it is not installed, or not by healthd */
  uninstall(): Promise<readonly Step[]>;
  status(): Promise<{ readonly text: string; readonly isRunning: boolean }>;
  /** What to say afterwards. */
  readonly installed: string;
  readonly uninstalled: string;
}

export interface ServiceOptions {
  readonly config?: string;
  readonly watchesDocker: boolean;
}
