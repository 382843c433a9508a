/** The arguments of `healthd plugins`: kinds and names. */
import { beforeAll, expect, test } from '@jest/globals';

import type { Terminal } from '../../src/commands/command.ts';
import { plugins, type PluginsInput } from '../../src/commands/plugins.ts';
import { builtInPlugins, PLUGIN_KINDS } from '../../src/registry/registry.ts';

// In sequence: Jest cannot import modules with a shared dependency concurrently.
beforeAll(async () => {
  for (const kind of PLUGIN_KINDS) for (const name of builtInPlugins.names(kind)) await builtInPlugins.find(kind, name);
});

async function printed(input: PluginsInput = {}): Promise<string> {
  let text = '';
  const stdout = { write: (part: string) => (text += part) };
  await plugins(input, { stdout, stderr: stdout, cwd: '/nonexistent', environment: {} } as unknown as Terminal);
  return text;
}

test('lists all plugins, or those of one kind', async () => {
  expect(await printed()).toMatch(/^inputs\n[^]*\n\nprocessors\n[^]*\n\noutputs\n[^]*\n\nnotifiers\n/);
  expect(await printed({ kind: 'outputs' })).toMatch(/^outputs\n {2}console +Prints metrics/);
  expect(await printed({ kind: 'output' })).toBe(await printed({ kind: 'outputs' }));
});

test('a name alone documents all plugins of that name', async () => {
  expect(await printed({ kind: 'disk' })).toBe(await printed({ kind: 'inputs', name: 'disk' }));
  const both = await printed({ kind: 'prometheus' });
  expect(both).toBe(
    `${await printed({ kind: 'inputs', name: 'prometheus' })}\n${await printed({ kind: 'outputs', name: 'prometheus' })}`,
  );
});

test('a word that is neither a kind nor a name is an error', async () => {
  await expect(printed({ kind: 'kafk' })).rejects.toThrow('"kafk" is neither a plugin nor a kind');
  await expect(printed({ kind: 'nothing', name: 'kafka' })).rejects.toThrow('"nothing" is neither a plugin nor a kind');
  await expect(printed({ kind: 'outputs', name: 'kafk' })).rejects.toThrow('did you mean "kafka"?');
});
