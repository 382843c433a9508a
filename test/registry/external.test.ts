import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { checkConfig, loadConfig } from '../../src/config/load.ts';
import { RetryableError } from '../../src/plugin/index.ts';
import { loadExternal } from '../../src/registry/load-external.ts';
import { fakeRegistry } from '../config/fake-plugins.ts';
import { tempFolder, writeFiles } from '../config/temp-folder.ts';

const load = (specifier: string, folder: string) =>
  loadExternal(specifier, join(folder, 'healthd.yaml'), fakeRegistry, undefined);

function source(name: string, more = ''): string {
  return `import { defineInput, RetryableError, z } from 'healthd/plugin';
import 'healthd/testing';
export const ${name} = defineInput({
  name: '${name}', summary: 'Q', config: z.strictObject({ url: z.string().default('x') }), metrics: {},
  create: () => { throw new RetryableError('made'); }, ${more}
});
`;
}

test('a file in any folder gets the modules of the running process', async () => {
  const folder = tempFolder({ 'plugins/queue.ts': `enum Color { Red }\n${source('queue', 'color: Color.Red')}` });
  const { plugins, file } = await load('./plugins/queue.ts', folder);
  expect(file).toBe(join(folder, 'plugins/queue.ts'));
  expect(plugins).toMatchObject([{ kind: 'input', api: 1, name: 'queue' }]);
  expect(() => plugins[0]?.create({}, {} as never)).toThrow(RetryableError);
});

test.each(['js', 'mjs'])('a .%s file whose default export holds plain plugin objects', async (extension) => {
  const folder = tempFolder({
    [`p.${extension}`]: `import { z } from 'healthd/plugin'; await 1;
export default [{ kind: 'output', api: 1, name: 'sink', summary: '', config: z.strictObject({}), create() {} }];`,
  });
  expect((await load(`./p.${extension}`, folder)).plugins).toMatchObject([{ kind: 'output', name: 'sink' }]);
});

test('a package is resolved from the folder of the configuration, even with an import condition only', async () => {
  const folder = tempFolder({
    'node_modules/healthd-plugin-redis/package.json': '{"type":"module","exports":{"import":"./main.js"}}',
    'node_modules/healthd-plugin-redis/main.js': source('redis'),
    'node_modules/@acme/healthd-plugin-x/package.json': '{"type":"module","exports":"./main.js"}',
    'node_modules/@acme/healthd-plugin-x/main.js': source('acme'),
  });
  const environment = {};
  const config = await checkConfig(
    { plugins: ['@acme/healthd-plugin-x'], inputs: [{ 'healthd-plugin-redis': { url: 'y' } }, 'acme'] },
    { cwd: folder, environment, registry: fakeRegistry },
  );
  expect(config.inputs.map(({ alias, options }) => [alias, options])).toEqual([
    ['redis', { url: 'y' }],
    ['acme', { url: 'x' }],
  ]);
});

const suffix = (text: string) => `export const suffix = '${text}';`;

test('U-027: the next load sees an edited file, and an edited import of it', async () => {
  const folder = tempFolder({
    'healthd.yaml': 'inputs: [./q.ts]\n',
    'q.ts': `import { suffix } from './suffix.ts';\n${source('q', 'summary: suffix')}`,
    'suffix.ts': suffix('one'),
  });
  const read = async () => {
    const { inputs } = await loadConfig({ cwd: folder, path: 'healthd.yaml', environment: {}, registry: fakeRegistry });
    return { summary: inputs[0]?.plugin.summary, fingerprint: inputs[0]?.fingerprint };
  };
  const first = await read();
  expect(first.summary).toBe('one');
  expect(await read()).toEqual(first);
  writeFiles(folder, { 'suffix.ts': "export { suffix } from './deep/suffix.js';", 'deep/suffix.ts': suffix('two') });
  const second = await read();
  expect(second.summary).toBe('two');
  expect(second.fingerprint).not.toBe(first.fingerprint);
  writeFiles(folder, { 'deep/suffix.ts': suffix('three') });
  expect((await read()).fingerprint).not.toBe(second.fingerprint);
  writeFiles(folder, { 'q.ts': source('q', "summary: 'three'") });
  const last = await read();
  expect(last.summary).toBe('three');
  expect(last.fingerprint).not.toBe(first.fingerprint);
});

test.each([
  ['a missing file', './none.ts', {}, /none\.ts does not exist$/],
  ['a missing package', 'healthd-plugin-none', {}, /is not installed; run: npm install --prefix/],
  ['a package name that climbs', '../../etc', {}, /cannot be read|does not exist/],
  ['a syntax error', './p.ts', { 'p.ts': 'export const a = ;\n' }, /p\.ts failed to load: ParseError: .*p\.ts:1:17/],
  ['an error while running', './p.ts', { 'p.ts': "throw new Error('boom');" }, /p\.ts failed to load: boom/],
  ['no plugin', './p.ts', { 'p.ts': 'export const a = 1;' }, /exports no plugin/],
  [
    'another API',
    './p.ts',
    { 'p.ts': source('p', 'api: 2') },
    /"p" of .* was made for plugin API 2; this healthd has API 1/,
  ],
  ['an unknown kind', './p.ts', { 'p.ts': source('p', "kind: 'parser'") }, /unknown kind "parser"/],
  ['a bad name', './p.ts', { 'p.ts': source('p', "name: 'P q'") }, /has an invalid name/],
  ['no schema', './p.ts', { 'p.ts': source('p', 'config: {}') }, /has no zod 4 schema/],
  ['no function', './p.ts', { 'p.ts': source('p', 'create: 5') }, /has no function "create"/],
  ['no catalog', './p.ts', { 'p.ts': source('p', 'metrics: undefined') }, /has no catalog/],
  [
    'U-029: an unknown field type',
    './p.ts',
    { 'p.ts': source('p', "metrics: { q: { fields: { depth: { type: 'integer', help: '' } } } }") },
    /declares the type "integer" for the field "q\.depth"; types are int, float, string, bool$/,
  ],
  [
    'U-029: a measurement without fields',
    './p.ts',
    { 'p.ts': source('p', "metrics: { q: { depth: { type: 'int', help: '' } } }") },
    /declares no "fields" for the measurement "q"/,
  ],
  [
    'U-029: an unknown kind of a dynamic field',
    './p.ts',
    { 'p.ts': source('p', "metrics: { q: { fields: {}, dynamic: { type: 'int', kind: 'count', help: '' } } }") },
    /declares the kind "count" for the field "q\.…"; kinds are gauge, counter$/,
  ],
  ['a name that is taken', './p.ts', { 'p.ts': source('cpu') }, /has the name of a built-in input/],
])('%s', async (_case, specifier, files, expected) => {
  await expect(load(specifier, tempFolder(files as Readonly<Record<string, string>>))).rejects.toThrow(expected);
});

test('a plugin that declares a reserved option is refused at its entry', async () => {
  const sink = `import { z } from 'healthd/plugin';
const config = z.strictObject({ interval: z.string().optional(), batch_lines: z.number(), timeout: z.number() });
export default { kind: 'output', api: 1, name: 'sink', summary: '', config, create() {} };`;
  const poll = source('poll')
    .replace('url: z.string()', 'timeout: z.string()')
    .replace("default('x')", "default('5s')");
  const folder = tempFolder({
    'sink.mjs': sink,
    'poll.ts': poll,
    'healthd.yaml': `plugins: [./sink.mjs]
inputs: [mem, ./poll.ts]
outputs:
  - sink: { batch_lines: 5 }
`,
  });
  const loading = loadConfig({ cwd: folder, path: 'healthd.yaml', environment: {}, registry: fakeRegistry });
  const reserved = (plugin: string, option: string) =>
    `The ${plugin} declares the option "${option}", which is reserved`;
  await expect(loading).rejects.toMatchObject({
    problems: [
      { line: 2, column: 15, message: reserved('input "poll"', 'timeout') },
      { line: 4, column: 5, message: reserved('output "sink"', 'batch_lines') },
      { line: 4, column: 5, message: reserved('output "sink"', 'timeout') },
    ],
  });
});

test('misuse of a plugin is reported at the entry', async () => {
  const folder = tempFolder({
    'one.ts': source('one'),
    'same.ts': source('one'),
    'two.ts': source('a') + source('b').replace(/^import.*$/gm, ''),
    'healthd.yaml': `plugins: [./one.ts, ./one.ts, ./same.ts]
inputs: [./two.ts, one]
outputs: [./two.ts]
`,
  });
  const loading = loadConfig({ cwd: folder, path: 'healthd.yaml', environment: {}, registry: fakeRegistry });
  await expect(loading).rejects.toMatchObject({
    problems: [
      { line: 1, column: 21, message: '"./one.ts" is listed twice' },
      { line: 1, column: 31, message: 'Two modules define the input "one"; keep one of them' },
      { line: 2, message: expect.stringContaining('has several inputs: "a", "b"') },
      { line: 3, message: expect.stringContaining('has no output, only the input "a", the input "b"') },
    ],
  });
});
