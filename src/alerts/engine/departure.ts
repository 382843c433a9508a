/**
 * Alerts whose input left the configuration, or whose host was renamed: nothing reports them any more, so they end with that
 * reason. They get the time to prove otherwise, since an input may only have another alias, and another input may report the
 * same series.
 */
import type { Instance } from './instance.ts';

/** Where the samples of this agent come from. */
export interface Origin {
  /** Value of its `host` tag; empty if it adds none. */
  readonly host: string;
  readonly inputs: readonly InputRef[];
}

export interface InputRef {
  readonly alias: string;
  /** Name of the plugin. */
  readonly plugin: string;
  /** Differs if the entry has changed. In memory only: it covers secrets. */
  readonly fingerprint: string;
}

/** Minimum time without a verdict after which the alert ends, ms; at least three of its intervals. */
const WAIT_MS = 60_000;

/** @param removed see `removedInputs` */
export function markDeparted(
  instance: Instance,
  { host }: Origin,
  removed: (alias: string) => boolean,
  elapsed: number,
): void {
  const isRenamed = instance.isOwn && instance.identity.host !== host;
  if (instance.departed?.reason === 'host_renamed' && !isRenamed) instance.departed = undefined;
  instance.isOwn ||= instance.identity.host === host;
  if (instance.departed !== undefined) return;
  if (isRenamed) instance.departed = { reason: 'host_renamed', since: elapsed };
  else if (instance.inputs.some(removed)) instance.departed = { reason: 'input_removed', since: elapsed };
}

/**
 * Inputs without an alias are numbered within their plugin, so that removing one renames those after it. If a plugin has fewer
 * inputs than before, those of its entries that changed may be the removed one as well.
 *
 * @param before undefined after a restart: then only aliases can be compared
 */
export function removedInputs(before: Origin | undefined, after: Origin): (alias: string) => boolean {
  const old = new Map(before?.inputs.map((input) => [input.alias, input]));
  const next = new Map(after.inputs.map((input) => [input.alias, input]));
  const countOf = (origin: Origin | undefined, name: string) =>
    origin?.inputs.filter(({ plugin }) => plugin === name).length ?? 0;
  return (alias) => {
    const [was, is] = [old.get(alias), next.get(alias)];
    if (is === undefined) return true;
    if (was === undefined || was.fingerprint === is.fingerprint) return false;
    return countOf(after, was.plugin) < countOf(before, was.plugin);
  };
}

/** @returns whether it has to end. If its series goes on, it has not departed after all. */
export function hasDeparted(instance: Instance, elapsed: number): boolean {
  const { departed, informedAt, sampledAt, cadence } = instance;
  if (departed === undefined) return false;
  const wait = Math.max(WAIT_MS, cadence.tolerance);
  if (elapsed - Math.max(informedAt, departed.since) >= wait) return true;
  if (sampledAt - departed.since < wait) return false;
  instance.departed = undefined;
  instance.inputs = [];
  return false;
}
