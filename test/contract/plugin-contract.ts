/** The contract of all built-in plugins. Each function declares tests. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { z } from '../../src/plugin/index.ts';
import type { Plugin } from '../../src/plugin/index.ts';

export type LoadPlugin<Kind extends Plugin = Plugin> = () => Promise<Kind>;

export interface PluginContractOptions {
  /** The key in the list of built-ins. */
  readonly name: string;
  /** The folder of the plugin. */
  readonly folder: string;
  /** The minimum options that the plugin requires. */
  readonly required: Readonly<Record<string, unknown>>;
  readonly markers: readonly string[];
}

export function pluginContract(load: LoadPlugin, { name, folder, required, markers }: PluginContractOptions): void {
  test('has the name of its folder, and a summary of one line without a full stop', async () => {
    const plugin = await load();
    expect(plugin.name).toBe(name);
    expect(plugin.name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(plugin.summary).toMatch(/^\S.*[^.\s]$/);
    expect(plugin.api).toBe(1);
  });

  test('accepts its minimum options, and refuses an unknown one by name', async () => {
    const { config } = await load();
    expect(config.safeParse(required).error).toBeUndefined();
    const refused = config.safeParse({ ...required, no_such_option: 1 });
    expect(refused.error?.issues).toEqual([
      expect.objectContaining({ code: 'unrecognized_keys', keys: ['no_such_option'] }),
    ]);
  });

  test('describes every option in one line', async () => {
    const { config } = await load();
    const undescribed = properties(z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' }))
      .filter(({ schema }) => !isDescribed(schema))
      .map(({ path }) => path);
    expect(undescribed).toEqual([]);
  });

  test('has a README with markers for the generated tables', () => {
    const path = join(folder, 'README.md');
    expect(existsSync(path)).toBe(true);
    const readme = readFileSync(path, 'utf8');
    expect(readme.startsWith(`# ${name}\n`)).toBe(true);
    expect(readme).toContain('```yaml\n');
    for (const marker of markers) {
      expect(readme.split(`<!-- ${marker}:begin -->`)).toHaveLength(2);
      expect(readme.split(`<!-- ${marker}:end -->`)).toHaveLength(2);
    }
  });
}

interface Property {
  readonly path: string;
  readonly schema: JsonSchema;
}

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Every named option, nested ones included. */
function properties(schema: JsonSchema, path = ''): readonly Property[] {
  const named = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    if (typeof value === 'boolean') return [];
    const here = path === '' ? key : `${path}.${key}`;
    return [{ path: here, schema: value }, ...properties(value, here)];
  });
  const nested = [schema.items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flat();
  return [...named, ...nested.flatMap((each) => (typeof each === 'object' ? properties(each, `${path}[]`) : []))];
}

function isDescribed({ description = '' }: JsonSchema): boolean {
  return description.trim() !== '' && !description.includes('\n');
}
