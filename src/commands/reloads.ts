/** Reloads of the daemon, one after the other, asked for by SIGHUP or by `healthd reload`. */
import { RefusedRequest } from '../alerts/control.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Logger } from '../plugin/index.ts';
import type { ReloadAnswer } from '../api/control.ts';

import { watchInstallation } from './installation.ts';
import { describeProblem } from './read-config.ts';
import type { RunLogs } from './run-logs.ts';

type Changes = Pick<ReloadAnswer, 'changed' | 'started' | 'stopped'>;

export interface ReloadsOptions {
  readonly read: () => Promise<LoadedConfig>;
  /** @throws what a plugin refuses */
  readonly use: (next: LoadedConfig) => Promise<Partial<Changes> | undefined>;
  /** Opens files again that logrotate may have moved. */
  readonly reopen: () => Promise<void>;
  readonly logs: RunLogs;
  readonly log: Logger;
}

export class Reloads {
  readonly #options: ReloadsOptions;
  readonly #replacement = watchInstallation();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ReloadsOptions) {
    this.#options = options;
  }

  /** @throws RefusedRequest with what is wrong; it has been logged, and nothing has changed */
  reload(): Promise<ReloadAnswer> {
    const turn = this.#last.then(() => this.#reload());
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves when those that were asked for have ended. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #reload(): Promise<ReloadAnswer> {
    const { read, use, reopen, logs, log } = this.#options;
    const warning = this.#replacement();
    if (warning !== undefined) log.warn(warning);
    try {
      const next = await read();
      const changes = await logs.whileReplacing(next, () => use(next));
      const none = { changed: [], started: [], stopped: [] };
      return { files: next.files, ...none, ...changes, ...(warning === undefined ? {} : { warning }) };
    } catch (error) {
      const problem = describeProblem(error);
      log.error(`Reload failed, the current configuration stays in use:\n${problem}`);
      throw new RefusedRequest(logs.redact(problem));
    } finally {
      // Even if nothing has changed.
      logs.reopen();
      await reopen();
    }
  }
}
