/** What the guide says on types and on publishing works. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from '@jest/globals';
import ts from 'typescript';

import { loadConfig } from '../../src/config/load.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';
import { pluginsOfGuide } from '../support/kit/documented-plugins.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'healthd-published-'));
const guide = readFileSync(join(root, 'docs/plugins.md'), 'utf8');
const [settings = '', description = ''] = [...guide.matchAll(/^```json\n([\s\S]*?)^```/gm)].map(
  ([, block = '']) => block,
);
const [queueDepth] = pluginsOfGuide();

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('U-032: a package as in the guide installs without healthd in a registry, and loads', async () => {
  const source = join(folder, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'package.json'), description);
  const plain = ts.transpileModule(queueDepth?.source ?? '', { compilerOptions: { module: ts.ModuleKind.ESNext } });
  writeFileSync(join(source, 'index.js'), plain.outputText);
  const npm = (...args: readonly string[]) =>
    execFileSync('npm', [...args, '--offline', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: source, encoding: 'utf8' }); // prettier-ignore
  const archive = npm('pack').trim();
  const etc = join(folder, 'etc');
  mkdirSync(etc);
  npm('install', '--prefix', etc, join(source, archive));
  expect(existsSync(join(etc, 'node_modules/healthd'))).toBe(false);
  writeFileSync(join(etc, 'healthd.yaml'), "inputs: [{ healthd-plugin-queue: { url: 'http://localhost/' } }]\n");
  const uid = process.getuid?.();
  const { inputs } = await loadConfig({
    cwd: etc,
    path: 'healthd.yaml',
    environment: uid === 0 ? { HEALTHD_CONFIG_OWNER: '0' } : {},
    registry: builtInPlugins,
  });
  expect(inputs.map(({ plugin }) => plugin.name)).toEqual(['queue_depth']);
}, 60_000);

test('U-033: a plugin in any folder finds the types by the tsconfig.json of the guide', () => {
  const etc = join(folder, 'types');
  mkdirSync(join(etc, 'plugins'), { recursive: true });
  // An installation, which has no development dependencies.
  const config = JSON.parse(settings.replaceAll('/usr/lib/node_modules/healthd', root)) as object;
  const wrong = (queueDepth?.source ?? '').replace('acc.add(', "acc.add('queue', { depth: 'many' }); acc.add(");
  const files = { 'right.ts': queueDepth?.source ?? '', 'wrong.ts': wrong };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(etc, 'plugins', name), text);
  writeFileSync(
    join(etc, 'plugins/config.ts'),
    "import { defineConfig } from 'healthd';\nexport default defineConfig({ input: [] });\n",
  );
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, etc);
  const program = ts.createProgram(
    [...Object.keys(files), 'config.ts'].map((name) => join(etc, 'plugins', name)),
    { ...options, types: [] },
  );
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    return `${file?.fileName.slice(etc.length) ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
  expect(problems.sort()).toEqual([
    expect.stringMatching(/^\/plugins\/config\.ts: Object literal may only specify known properties/),
    expect.stringMatching(/^\/plugins\/wrong\.ts: Type 'string' is not assignable to type 'number \| bigint/),
  ]);
}, 60_000);
