/** What `healthd plugins` takes for a kind, and what for a name. */
import { beforeAll, expect, test } from '@jest/globals';

import type { Terminal } from '../../src/commands/command.ts';
import { plugins, type PluginsInput } from '../../src/commands/plugins.ts';
import { builtInPlugins, PLUGIN_KINDS } from '../../src/registry/registry.ts';

// One after the other: Jest cannot import several modules at once that share one.
beforeAll(async () => {
  for (const kind of PLUGIN_KINDS) for (const name of builtInPlugins.names(kind)) await builtInPlugins.find(kind, name);
});

async function printed(input: PluginsInput = {}): Promise<string> {
  let text = '';
  const stdout = { write: (part: string) => (text += part) };
  await plugins(input, { stdout } as unknown as Terminal);
  return text;
}

test('without a word it lists all kinds, with one that is a kind its plugins', async () => {
  expect(await printed()).toMatch(/^inputs\n[^]*\n\nprocessors\n[^]*\n\noutputs\n[^]*\n\nnotifiers\n/);
  expect(await printed({ kind: 'outputs' })).toMatch(/^outputs\n {2}console +Prints metrics/);
  expect(await printed({ kind: 'output' })).toBe(await printed({ kind: 'outputs' }));
});

test('a name alone is enough, and means all plugins that are called so', async () => {
  expect(await printed({ kind: 'disk' })).toBe(await printed({ kind: 'inputs', name: 'disk' }));
  const both = await printed({ kind: 'prometheus' });
  expect(both).toBe(
    `${await printed({ kind: 'inputs', name: 'prometheus' })}\n${await printed({ kind: 'outputs', name: 'prometheus' })}`,
  );
});

test('what is neither is an error', async () => {
  await expect(printed({ kind: 'kafk' })).rejects.toThrow('"kafk" is no plugin, nor a kind');
  await expect(printed({ kind: 'nothing', name: 'kafka' })).rejects.toThrow('"nothing" is no plugin, nor a kind');
  await expect(printed({ kind: 'outputs', name: 'kafk' })).rejects.toThrow('did you mean "kafka"?');
});
