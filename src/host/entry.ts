/** An entry of `inputs`, `processors`, `outputs` or `notifiers`, and the options that several kinds of entries share. */
import type { FilterSpec } from '../metric/filter.ts';
import { bytes, duration, z, type Plugin } from '../plugin/index.ts';

export interface PluginEntry<P extends Plugin> {
  readonly plugin: P;
  /** Unique within its kind. */
  readonly alias: string;
  /** Parsed by the plugin's schema. */
  readonly options: unknown;
  /** Equal for two entries exactly if they mean the same. A reload restarts an entry whose fingerprint has changed. */
  readonly fingerprint: string;
  /** `only`, `drop`, `fields`, `tag_keys`. */
  readonly filter: FilterSpec;
  /** Absolute path of the module of an external plugin; absent for a built-in one. */
  readonly file?: string;
}

const MIN_INTERVAL_MS = 100;

/** An alias is part of file names. */
const ALIAS = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

const name = () => z.string().min(1);

export function durationOf(atLeast: number, message: string) {
  return duration().refine((ms) => ms >= atLeast, message);
}

export const interval = () => durationOf(MIN_INTERVAL_MS, 'must be 100ms or longer');
export const timeout = () => durationOf(Number.MIN_VALUE, 'must be longer than 0s');
export const size = () => bytes().refine((count) => count >= 1, 'must be 1 byte or more');
export const tags = () => z.record(name(), name());

export const aliasText = () =>
  z.string().regex(ALIAS, 'must be up to 64 letters, digits, "_", "-" and ".", the first a letter or digit');

const metricFilter = z.union([
  z.array(name()),
  z.strictObject({
    names: z.array(name()).optional().describe('Globs of measurement names'),
    tags: z.record(name(), z.array(name())).optional().describe('Tag key → globs of its value'),
  }),
]);

const keyFilter = z.union([
  z.array(name()),
  z.strictObject({
    only: z.array(name()).optional().describe('Globs of names to keep'),
    drop: z.array(name()).optional().describe('Globs of names to remove'),
  }),
]);

export const alias = aliasText().optional().describe('Name of this entry in logs, statistics and its state on disk');

/** Which metrics pass. */
export const metricFilters = {
  only: metricFilter.optional().describe('Keeps only these metrics: name globs, or { names, tags }'),
  drop: metricFilter.optional().describe('Drops these metrics: name globs, or { names, tags }'),
};

/** Which fields and tags of a metric pass. */
export const keyFilters = {
  fields: keyFilter.optional().describe('Fields to keep: globs, or { only, drop }'),
  tag_keys: keyFilter.optional().describe('Tags to keep: globs, or { only, drop }'),
};
