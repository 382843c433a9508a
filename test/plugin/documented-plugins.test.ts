/** The plugins in the guide and in the doc comments of the plugin API compile, load and do what they say. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import ts from 'typescript';

import type { InputPlugin, Notifier, Output, Plugin, Processor } from '../../src/plugin/index.ts';
import { loadExternal } from '../../src/registry/load-external.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';
import { manualClock, testContext, testInput } from '../../src/testing.ts';
import { testBatch } from '../support/kit/batch.ts';
import { pluginsOfApi, pluginsOfGuide } from '../support/kit/documented-plugins.ts';
import { firing } from '../support/kit/sample-alerts.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'healthd-documented-'));
const documented = { guide: pluginsOfGuide(), api: pluginsOfApi() };
type Where = keyof typeof documented;

const TIME = 1_700_000_000_000_000_000n;
const LIVE = new AbortController().signal;
const OK = { status: 200, body: '', headers: {} };

interface Received {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const received: Received[] = [];
let answer = OK;
const server = createServer((request, response) => {
  void text(request).then((body) => {
    received.push({ method: request.method, headers: request.headers, body });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
});
let url = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [where, plugins] of Object.entries(documented)) {
    mkdirSync(join(folder, where));
    for (const { name, source } of plugins) writeFileSync(join(folder, where, `${name}.ts`), source);
  }
});

afterEach(() => {
  received.length = 0;
  answer = OK;
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await new Promise((resolve) => server.close(resolve));
});

async function load(where: Where, name: string): Promise<Plugin> {
  const { plugins } = await loadExternal(
    `./${where}/${name}.ts`,
    join(folder, 'healthd.yaml'),
    builtInPlugins,
    undefined,
  );
  expect(plugins).toHaveLength(1);
  return plugins[0]!;
}

async function make(where: Where, name: string, options: object): Promise<unknown> {
  const plugin = await load(where, name);
  return plugin.create(plugin.config.parse(options), testContext({ clock: manualClock() }));
}

test.each(['guide', 'api'] as const)('U-031: %s: there is a plugin of each kind', async (where) => {
  const plugins = await Promise.all(documented[where].map(({ name }) => load(where, name)));
  expect(plugins.map(({ kind }) => kind)).toEqual(['input', 'processor', 'output', 'notifier']);
});

/** What the compiler says of files in `folder`, under the rules of this repository. */
function diagnose(files: readonly string[]): readonly string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    readonly config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  const program = ts.createProgram(files, { ...options, typeRoots: [join(root, 'node_modules/@types')] });
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file?.getLineAndCharacterOfPosition(start).line ?? 0;
    return `${file?.fileName ?? ''}:${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

test('U-031: they compile under strict rules', () => {
  const files = Object.entries(documented).flatMap(([where, plugins]) =>
    plugins.map(({ name }) => join(folder, where, `${name}.ts`)),
  );
  expect(diagnose(files)).toEqual([]);
});

test('U-023: a value of the wrong type for a declared field does not compile', () => {
  const file = join(folder, 'wrong-types.ts');
  const wrong = ["{ depth: 'many' }", '{ open: 1 }', '{ state: true }', '{ depht: 1 }'];
  const right = ['{ depth: 1 }', '{ depth: 2n, open: true }', "{ state: 'idle', depth: undefined }"];
  const dynamic = ["{ container_id: 'x', any: 1 }", '{ container_id: 5 }'];
  writeFileSync(
    file,
    `import { defineInput, z } from 'healthd/plugin';
export default defineInput({ name: 'wrong', summary: '', config: z.strictObject({}), create: () => ({ gather(acc) {
${[...wrong, ...right].map((fields) => `acc.add('queue', ${fields});`).join('\n')}
${dynamic.map((fields) => `acc.add('labels', ${fields});`).join('\n')}
} }), metrics: {
  queue: { fields: { depth: { type: 'int', help: '' }, open: { type: 'bool', help: '' }, state: { type: 'string', help: '' } } },
  labels: { fields: { container_id: { type: 'string', help: '' } }, dynamic: { type: 'int', help: '' } },
} });
`,
  );
  const lines = diagnose([file]).map((text) => Number(/:(\d+): /.exec(text)?.[1]));
  expect(lines).toEqual([3, 4, 5, 6, 11]);
});

test.each([
  ['guide', { depth: 7n, oldest: 12.5 }, '{ "depth": 7, "oldest_seconds": 12.5 }'],
  ['api', { depth: 7n }, '7'],
] as const)('U-031: %s: the input gathers', async (where, fields, body) => {
  const input = await testInput((await load(where, 'queue_depth')) as InputPlugin, { url });
  answer = { ...OK, body };
  const { metrics, errors } = await input.gather(TIME);
  expect(errors).toEqual([]);
  const tags = where === 'guide' ? { host: 'test', queue: new URL(url).host } : { host: 'test' };
  expect(metrics).toEqual([{ name: 'queue', tags, fields, time: TIME }]);
  answer = { ...OK, status: 503 };
  expect((await input.gather()).errors.map(({ message }) => message)).toEqual(['The queue answered 503']);
  await input.stop();
});

test('guide: the input sends its token and names a wrong field', async () => {
  const input = await testInput((await load('guide', 'queue_depth')) as InputPlugin, { url, token: 'secret' });
  answer = { ...OK, body: '{ "depth": "many", "oldest_seconds": 1 }' };
  const { metrics, errors } = await input.gather();
  expect(received[0]?.headers.authorization).toBe('Bearer secret');
  expect([metrics, errors[0]?.message]).toEqual([[], expect.stringContaining('depth')]);
  await input.stop();
});

test('U-031: the processors change a tag', async () => {
  const metric = (tags: Readonly<Record<string, string>>) => ({ name: 'm', tags, fields: { v: 1 }, time: TIME });
  const laptop = metric({ host: 'laptop' });
  const site = (await make('guide', 'site_tag', { fallback: 'hq' })) as Processor;
  expect(site.process(metric({ host: 'fra1-web-2' }))).toEqual(metric({ host: 'fra1-web-2', site: 'fra1' }));
  expect(site.process(laptop)).toEqual(metric({ host: 'laptop', site: 'hq' }));
  expect(((await make('guide', 'site_tag', {})) as Processor).process(laptop)).toBe(laptop);
  const lower = (await make('api', 'lowercase_tag', { tag: 'dc' })) as Processor;
  expect(lower.process(metric({ dc: 'FRA' }))).toEqual(metric({ dc: 'fra' }));
  expect(lower.process(laptop)).toBe(laptop);
});

test.each([
  ['guide', 'warehouse', '{"fields":{"n":1},"name":"m","tags":{},"timestamp":1000}\n', 7000],
  ['api', 'lines', 'm n=1i 1000000000\n', undefined],
] as const)('U-031: %s: the output writes, and its errors decide', async (where, name, body, retryAfterMs) => {
  const output = (await make(where, name, { url })) as Output;
  const write = () => output.write(testBatch(['m n=1i 1000000000']), LIVE);
  await write();
  expect(received).toMatchObject([{ method: 'POST', body }]);
  answer = { ...OK, status: 400 };
  await expect(write()).rejects.toMatchObject({ name: 'PermanentError' });
  answer = { ...OK, status: 503, headers: { 'retry-after': '7' } };
  await expect(write()).rejects.toMatchObject({ name: 'RetryableError', retryAfterMs });
});

test('guide: the output reports a batch that is too large', async () => {
  const output = (await make('guide', 'warehouse', { url })) as Output;
  answer = { ...OK, status: 413 };
  await expect(output.write(testBatch(['m n=1i 1']), LIVE)).rejects.toMatchObject({ name: 'TooLargeError' });
});

test.each([
  ['guide', 'chat', { room: 'operations' }],
  ['api', 'pager', {}],
] as const)('U-031: %s: the notifier notifies, and its errors decide', async (where, name, options) => {
  const notifier = (await make(where, name, { url, ...options })) as Notifier;
  await notifier.notify(firing(), LIVE);
  expect(received[0]?.body).toContain('WARNING');
  if (where === 'guide') expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ ...options, id: firing().id });
  answer = { ...OK, status: 403 };
  await expect(notifier.notify(firing(), LIVE)).rejects.toMatchObject({ name: 'TargetError' });
  answer = { ...OK, status: 500 };
  await expect(notifier.notify(firing(), LIVE)).rejects.toMatchObject({ name: 'RetryableError' });
});
