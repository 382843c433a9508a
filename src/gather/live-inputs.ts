/** Which inputs the live view gathers, and with which options. */
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { InputPlugin } from '../plugin/index.ts';

import type { InputEntry } from './entry.ts';

/** Finds a built-in input by its name. */
export type FindInput = (name: string) => Promise<InputPlugin>;

interface LiveInput {
  /** Milliseconds. */
  readonly interval: number;
  /** Is gathered with the options of its schema where the configuration has none. */
  readonly hasDefault: boolean;
  /** Changes the options. */
  readonly adapt?: (options: object) => object;
}

/** How often a sample is taken. Milliseconds. */
export const LIVE_INTERVAL_MS = 1000;

const EVERY_SECOND: LiveInput = { interval: LIVE_INTERVAL_MS, hasDefault: true };

/** What reads this machine only: no network, no programs. */
const LIVE_INPUTS: ReadonlyMap<string, LiveInput> = new Map([
  ['cpu', EVERY_SECOND],
  ['mem', EVERY_SECOND],
  ['swap', EVERY_SECOND],
  ['disk', EVERY_SECOND],
  ['diskio', EVERY_SECOND],
  ['net', EVERY_SECOND],
  ['system', EVERY_SECOND],
  ['kernel', { ...EVERY_SECOND, adapt: withPressure }],
  ['temp', EVERY_SECOND],
  ['processes', EVERY_SECOND],
  ['docker', { interval: 5000, hasDefault: false }],
]);

/** An external plugin of the same name may do anything. */
export function isLive({ plugin, file }: InputEntry): boolean {
  return file === undefined && LIVE_INPUTS.has(plugin.name);
}

/** The configured inputs with their options, tags and filters; the others with defaults. */
export async function liveEntries(
  configured: readonly InputEntry[],
  find: FindInput | undefined,
  log: Logger,
): Promise<readonly InputEntry[]> {
  const entries: InputEntry[] = [];
  for (const [name, live] of LIVE_INPUTS) {
    const own = configured.filter((entry) => isLive(entry) && entry.plugin.name === name);
    entries.push(...own.map((entry) => liveEntry(live, entry.plugin, entry)));
    if (own.length > 0 || !live.hasDefault || find === undefined) continue;
    try {
      entries.push(liveEntry(live, await find(name)));
    } catch (error) {
      log.debug(`No live view of ${name}: ${describeError(error)}`);
    }
  }
  return entries;
}

function liveEntry(
  { interval, adapt = (given) => given }: LiveInput,
  plugin: InputPlugin,
  own?: InputEntry,
): InputEntry {
  const options = (own?.options ?? plugin.config.parse({})) as object;
  return {
    ...{ alias: plugin.name, fingerprint: '', filter: {}, tags: {} },
    ...own,
    ...{ interval, timeout: interval, jitter: 0, offset: 0 },
    plugin: gatherOnly(plugin),
    options: adapt(options),
  };
}

/** Without the stream of events, which the configured instance follows already. */
function gatherOnly(plugin: InputPlugin): InputPlugin {
  return {
    ...plugin,
    create: async (options, context) => {
      const input = await plugin.create(options, context);
      if (!('gather' in input)) throw new Error(`${plugin.name} has no gather`);
      return { gather: (acc, signal) => input.gather(acc, signal), stop: () => input.stop?.() };
    },
  };
}

/** A kernel without PSI fails in this part alone. */
function withPressure(options: { readonly collect?: readonly string[] }): object {
  return { ...options, collect: [...new Set([...(options.collect ?? []), 'psi'])] };
}
