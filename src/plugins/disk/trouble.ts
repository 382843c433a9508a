import { errorCode } from '../../plugin/index.ts';
import type { Accumulator, Logger } from '../../plugin/index.ts';

import type { Outcome } from './bounded-statfs.ts';
import type { Listing, Target } from './targets.ts';

/** In containers many paths of the host are unreachable, which is not a problem of the disk. */
const ORDINARY = ['EACCES', 'EPERM', 'ENOENT'];

/**
 * Reports the problems of file systems: as errors at each gather while they last, so that gathering does not count as working
 * (the host logs them once), and in the log when they end.
 */
export class Troubles {
  /** Path → kind of its trouble. */
  #known: ReadonlyMap<string, string> = new Map();
  readonly #log: Logger;
  #hidden = '';

  constructor(log: Logger) {
    this.#log = log;
  }

  /** What cannot be asked at all. */
  list({ hidden, missing, error }: Listing, acc: Pick<Accumulator, 'error'>): void {
    if (error !== undefined) acc.error(error);
    if (missing.length > 0) {
      acc.error(new Error(`mount_points names what no mounted file system has as its path: ${missing.join(', ')}`));
    }
    const paths = some(hidden);
    if (paths !== '' && paths !== this.#hidden) {
      this.#log.warn(
        `Not reported, because this process sees other file systems there: ${paths}; ` +
          'check ProtectHome= and its like of the unit, or HOST_MOUNT_PREFIX of the container',
      );
    }
    this.#hidden = paths;
  }

  report(targets: readonly Target[], outcomes: readonly Outcome[], acc: Pick<Accumulator, 'error'>): void {
    const now = new Map<string, Trouble>();
    targets.forEach((target, index) => {
      const outcome = outcomes[index];
      const kind = outcome === undefined ? undefined : kindOf(outcome);
      if (outcome === undefined || kind === undefined) return;
      now.set(target.statfsPath, { kind, what: describe(target), cause: outcome });
    });
    const asked = new Set(targets.map(({ statfsPath }) => statfsPath));
    for (const path of this.#known.keys()) {
      if (asked.has(path) && !now.has(path)) this.#log.info(`The file system on ${path} responds again`);
    }
    const isOrdinary = ({ kind }: Trouble) => ORDINARY.includes(kind);
    for (const [path, trouble] of now) {
      if (isOrdinary(trouble) && this.#known.get(path) !== trouble.kind) {
        this.#log.debug(`Cannot statfs ${trouble.what}: ${trouble.kind}`);
      }
    }
    this.#known = new Map([...now].map(([path, { kind }]) => [path, kind]));
    for (const error of errorsOf([...now.values()].filter((trouble) => !isOrdinary(trouble)))) acc.error(error);
  }
}

interface Trouble {
  readonly kind: string;
  readonly what: string;
  readonly cause: Outcome;
}

function describe({ statfsPath, tags }: Target): string {
  return `${statfsPath} (${tags.fstype}, ${tags.device})`;
}

/** One error for each kind, so that a server with a hundred exports is one message. */
function errorsOf(troubles: readonly Trouble[]): Error[] {
  return [...new Set(troubles.map(({ kind }) => kind))].map((kind) => {
    const same = troubles.filter((trouble) => trouble.kind === kind);
    const what = some(same.map((trouble) => trouble.what));
    if (kind === 'hung') return new Error(`statfs of ${what} hangs; the file system is skipped until it returns`);
    const are = same.length === 1 ? 'is' : 'are';
    if (kind === 'skipped') return new Error(`${what} ${are} skipped while another file system hangs`);
    return new Error(`Cannot statfs ${what}`, { cause: same[0]?.cause });
  });
}

/** Maximum number of paths in a message. */
const MOST_PATHS = 5;

function some(paths: readonly string[]): string {
  const more = paths.length - MOST_PATHS;
  return paths.slice(0, MOST_PATHS).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** @returns undefined for a result, the system's code for an error */
function kindOf(outcome: Outcome): string | undefined {
  if (typeof outcome === 'string') return outcome;
  if ('blocks' in outcome) return undefined;
  return errorCode(outcome) ?? outcome.message;
}
