import type { PluginContext } from './context.ts';
import type { z } from './schema.ts';

/** What every plugin declares, whatever its kind. */
export interface Definition<Schema extends z.ZodType, Instance> {
  /** Lower case, digits and underscores; the key in the configuration and, for a built-in plugin, its folder. */
  readonly name: string;
  /** One line, no full stop. */
  readonly summary: string;
  /**
   * The options: a strict object, so that an unknown option is an error, each with `.describe(…)`. The host's own keys
   * (`interval`, `timeout`, `tags`, …) are taken; a plugin that uses one is refused.
   */
  readonly config: Schema;
  /**
   * Makes an instance from parsed options. Checks what the schema cannot; opens no connection and no file.
   *
   * @throws for options that cannot work; the configuration is then refused with this message
   */
  create(config: z.output<Schema>, context: PluginContext): Instance | Promise<Instance>;
}
