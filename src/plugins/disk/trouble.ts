import { errorCode } from '../../plugin/index.ts';
import type { Accumulator, Logger } from '../../plugin/index.ts';

import type { Outcome } from './bounded-statfs.ts';
import type { Target } from './targets.ts';

/** In containers many paths of the host are unreachable, which is not a problem of the disk. */
const ORDINARY = ['EACCES', 'EPERM', 'ENOENT'];

/** Reports a problem of a file system once when it starts and once when it ends. */
export class Troubles {
  readonly #known = new Map<string, string>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  report(targets: readonly Target[], outcomes: readonly Outcome[], acc: Pick<Accumulator, 'error'>): void {
    const paths = new Set<string>();
    targets.forEach((target, index) => {
      const outcome = outcomes[index];
      if (outcome === undefined) return;
      paths.add(target.statfsPath);
      this.#update(target, outcome, acc);
    });
    for (const path of this.#known.keys()) if (!paths.has(path)) this.#known.delete(path);
  }

  #update({ statfsPath, tags }: Target, outcome: Outcome, acc: Pick<Accumulator, 'error'>): void {
    const before = this.#known.get(statfsPath);
    const now = kindOf(outcome);
    if (now === before) return;
    if (now === undefined) {
      this.#known.delete(statfsPath);
      this.#log.info(`The file system on ${statfsPath} responds again`);
      return;
    }
    this.#known.set(statfsPath, now);
    const what = `${statfsPath} (${tags.fstype}, ${tags.device})`;
    if (outcome === 'hung') {
      acc.error(new Error(`statfs of ${what} hangs; the file system is skipped until it returns`));
    } else if (outcome === 'skipped') {
      acc.error(new Error(`${what} is skipped while another file system hangs`));
    } else {
      const failed = `Cannot statfs ${what}`;
      if (ORDINARY.includes(now)) this.#log.debug(`${failed}: ${now}`);
      else acc.error(new Error(failed, { cause: outcome }));
    }
  }
}

/** @returns undefined for a result, the system's code for an error */
function kindOf(outcome: Outcome): string | undefined {
  if (typeof outcome === 'string') return outcome;
  if ('blocks' in outcome) return undefined;
  return errorCode(outcome) ?? outcome.message;
}
