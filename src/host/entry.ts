import type { FilterSpec } from '../metric/filter.ts';
import type { Plugin } from '../plugin/index.ts';

/** One entry under `inputs`, `processors`, `outputs` or `notifiers`. */
export interface PluginEntry<P extends Plugin> {
  readonly plugin: P;
  /** Unique within its kind. */
  readonly alias: string;
  /** What the plugin's schema made of its options. */
  readonly options: unknown;
  /** Equal for two entries exactly if nothing that concerns this entry differs. For reload. */
  readonly fingerprint: string;
  /** `only`, `drop`, `fields`, `tag_keys`. */
  readonly filter: FilterSpec;
}
