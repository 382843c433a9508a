/** What `healthd plugins` takes for a kind, and what for a name. */
import { beforeAll, expect, test } from '@jest/globals';

import type { Terminal } from '../../src/commands/command.ts';
import { plugins } from '../../src/commands/plugins.ts';
import { builtInPlugins, PLUGIN_KINDS } from '../../src/registry/registry.ts';

// One after the other: Jest cannot import several modules at once that share one.
beforeAll(async () => {
  for (const kind of PLUGIN_KINDS) for (const name of builtInPlugins.names(kind)) await builtInPlugins.find(kind, name);
});

async function printed(kind?: string, name?: string): Promise<string> {
  let text = '';
  const stdout = { write: (part: string) => (text += part) };
  await plugins(kind, name, { stdout } as unknown as Terminal);
  return text;
}

test('without a word it lists all kinds, with one that is a kind its plugins', async () => {
  expect(await printed()).toMatch(/^inputs\n[^]*\n\nprocessors\n[^]*\n\noutputs\n[^]*\n\nnotifiers\n/);
  expect(await printed('outputs')).toMatch(/^outputs\n {2}console +Prints metrics/);
  expect(await printed('output')).toBe(await printed('outputs'));
});

test('a name alone is enough, and means all plugins that are called so', async () => {
  expect(await printed('disk')).toBe(await printed('inputs', 'disk'));
  const both = await printed('prometheus');
  expect(both).toBe(`${await printed('inputs', 'prometheus')}\n${await printed('outputs', 'prometheus')}`);
});

test('what is neither is an error', async () => {
  await expect(printed('kafk')).rejects.toThrow('"kafk" is no plugin, nor a kind');
  await expect(printed('nothing', 'kafka')).rejects.toThrow('"nothing" is no plugin, nor a kind');
  await expect(printed('outputs', 'kafk')).rejects.toThrow('did you mean "kafka"?');
});
