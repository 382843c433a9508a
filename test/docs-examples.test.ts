/** Whoever copies a configuration out of the documentation gets one that healthd takes. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { loadConfig } from '../src/config/load.ts';
import { builtInPlugins } from '../src/registry/registry.ts';
import { pluginsOfGuide } from './support/kit/documented-plugins.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'healthd-docs-'));

const documents = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md') && !/^(node_modules|dist|coverage)\//.test(file))
  .sort();

/** Other blocks of YAML are for other programs. */
const SECTION = /^(agent|inputs|processors|outputs|notifiers|alerts|journal|log|plugins):/m;

/** What rules in the documentation judge. */
const INPUTS = "inputs: [cpu, mem, disk, { ./plugins/queue_depth.ts: { url: 'http://localhost:8080/stats' } }]";

const blocks = documents.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8');
  const yaml = [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  return yaml.filter((block) => SECTION.test(block)).map((block, index) => [`${file}, ${index + 1}`, block] as const);
});

beforeAll(() => {
  cpSync(join(root, 'examples/local-plugin/plugins'), join(folder, 'plugins'), { recursive: true });
  for (const { name, source } of pluginsOfGuide()) writeFileSync(join(folder, `plugins/${name}.ts`), source);
  mkdirSync(join(folder, 'secrets'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('each plugin shows how it is configured', () => {
  const shown = new Set(blocks.map(([name]) => name.replace(/,.*/, '')));
  const plugins = documents.filter((file) => /^src\/(plugins|processors|outputs|notifiers)\/.+README\.md$/.test(file));
  expect(plugins.filter((file) => !shown.has(file))).toEqual([]);
});

test.each(blocks)('%s is valid', async (_name, block) => {
  const path = join(folder, 'healthd.yaml');
  writeFileSync(path, withSecrets(/^inputs:/m.test(block) ? block : `${INPUTS}\n${block}`));
  await loadConfig({
    path,
    cwd: folder,
    environment: environmentOf(block),
    registry: builtInPlugins,
    platform: 'linux',
    uid: undefined,
  });
});

test('U-016, U-017: the guide shows a TOML configuration and one in TypeScript, and both are valid', async () => {
  const guide = readFileSync(join(root, 'docs/configuration.md'), 'utf8');
  const [toml = ''] = [...guide.matchAll(/^```toml\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  const [code = ''] = [...guide.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  const load = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return loadConfig({ path, cwd: folder, environment: environmentOf(text), registry: builtInPlugins });
  };
  const fromToml = await load('healthd.toml', toml);
  expect(fromToml.inputs.map(({ alias }) => alias)).toEqual(['cpu', 'mem', 'disk']);
  expect(fromToml.outputs.map(({ alias }) => alias)).toEqual(['influxdb']);
  expect(fromToml.notifiers.map(({ alias }) => alias)).toEqual(['team']);
  const fromCode = await load('healthd.config.ts', code);
  expect(fromCode.inputs.map(({ alias }) => alias)).toEqual(['cpu', 'web', 'db']);
});

/** One value that is good for a token as well as for an address. */
function environmentOf(block: string): Readonly<Record<string, string>> {
  const names = [...block.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => name);
  return Object.fromEntries(names.map((name) => [name, 'https://secret.example.org/hook']));
}

function withSecrets(block: string): string {
  return block.replaceAll(/\$\{file:([^}]+)\}/g, (_all, path: string) => {
    const file = join(folder, 'secrets', path.replaceAll('/', '_'));
    writeFileSync(file, 'a long secret');
    return `\${file:${file}}`;
  });
}
