import type { z } from '../plugin/index.ts';

import type { entrySchemas, SectionKind, SETTINGS } from './file-schema.ts';

/** The keys that healthd handles in every entry of a kind, and the options of the plugin. */
type EntryOptions<Kind extends SectionKind> = z.input<(typeof entrySchemas)[Kind]> & Readonly<Record<string, unknown>>;

/** A plugin's name, path or package; or that with options. */
type Entry<Kind extends SectionKind> = string | Readonly<Record<string, EntryOptions<Kind>>>;

/** What a configuration file holds. */
export interface ConfigFile {
  readonly agent?: z.input<typeof SETTINGS.agent>;
  readonly journal?: z.input<typeof SETTINGS.journal>;
  readonly server?: z.input<typeof SETTINGS.server>;
  readonly history?: z.input<typeof SETTINGS.history> | false;
  readonly log?: z.input<typeof SETTINGS.log>;
  readonly alerts?: z.input<typeof SETTINGS.alerts>;
  /** Files and packages whose plugins are used by name. */
  readonly plugins?: readonly string[];
  readonly inputs?: readonly Entry<'input'>[];
  readonly processors?: readonly Entry<'processor'>[];
  readonly outputs?: readonly Entry<'output'>[];
  /** A name of your choice → a notifier. */
  readonly notifiers?: Readonly<Record<string, Entry<'notifier'>>>;
}

/** Gives editors the types of `healthd.config.ts`, whose default export is the result: `export default defineConfig({ … })`. */
export function defineConfig(config: ConfigFile): ConfigFile {
  return config;
}
