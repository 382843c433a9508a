/** Asks the history which hosts have more series than it keeps, and warns them. */
import type { Clock } from '../core/clock.ts';

import type { HostHistory } from './names.ts';
import type { HostRecord } from './records.ts';
import type { Warnings } from './warnings.ts';

export interface CrowdedOptions {
  readonly history: () => HostHistory | undefined;
  readonly host: (id: string) => HostRecord | undefined;
  readonly warnings: Warnings;
  readonly clock: Clock;
}

const EVERY_MS = 30_000;
const TEXT =
  'The history of the hub has no room for more series of this host: new ones go to the outputs of the hub only; look for tags with many values';

export class Crowded {
  readonly #options: CrowdedOptions;
  #cancel: () => void = () => undefined;
  #isStopped = false;

  constructor(options: CrowdedOptions) {
    this.#options = options;
    this.#later();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #later(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#options.clock.after(EVERY_MS, () => {
      void this.#ask().finally(() => {
        this.#later();
      });
    });
  }

  async #ask(): Promise<void> {
    const { history, host, warnings } = this.#options;
    // The history logs why it does not run.
    const ids =
      (await history()
        ?.crowded()
        .catch(() => undefined)) ?? [];
    for (const id of ids) {
      const crowded = host(id);
      if (crowded !== undefined) warnings.warn(crowded, 'series', TEXT);
    }
  }
}
