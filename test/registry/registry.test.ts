import { expect, test } from '@jest/globals';

import { nearest } from '../../src/registry/nearest.ts';
import { builtInPlugins, createRegistry } from '../../src/registry/registry.ts';

test('names are in alphabetical order; a kind without plugins has none', () => {
  expect(builtInPlugins.names('input')).toEqual([...builtInPlugins.names('input')].sort());
  expect(builtInPlugins.names('input')).toContain('mem');
  expect(createRegistry({}).names('output')).toEqual([]);
});

test('a built-in plugin has the kind and name it was found by', async () => {
  expect(await builtInPlugins.find('input', 'mem')).toMatchObject({ kind: 'input', name: 'mem', api: 1 });
});

test('an unknown name is reported with a suggestion', async () => {
  await expect(builtInPlugins.find('input', 'mme')).rejects.toThrow(
    'There is no input named "mme"; did you mean "mem"?',
  );
  await expect(builtInPlugins.find('output', 'mem')).rejects.toThrow('"mem" is an input: it belongs under "inputs"');
  await expect(builtInPlugins.find('input', 'toString')).rejects.toThrow('There is no input named "toString"');
});

test('a built-in plugin that cannot be imported is reported', async () => {
  const broken = createRegistry({ input: { x: () => Promise.reject(new Error('no such file')) } });
  await expect(broken.find('input', 'x')).rejects.toThrow(/The built-in input "x" cannot be loaded/);
});

test.each([
  ['percup', ['percpu', 'per_core'], 'percpu'],
  ['cpuu', ['mem', 'cpu'], 'cpu'],
  ['Mode', ['mode'], 'mode'],
  ['xyz', ['cpu', 'mem'], undefined],
  ['ab', ['cd'], undefined],
  ['interval', ['interval'], undefined],
  ['', ['a'], 'a'],
  ['elastic', ['logstash', 'elasticsearch'], 'elasticsearch'],
  ['prometheus_client', ['prometheus_remote_write', 'prometheus'], 'prometheus'],
  ['data_format', ['url', 'format'], 'format'],
  ['formats_of_all', ['all', 'f'], undefined],
])('nearest to %j in %j is %j', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});
