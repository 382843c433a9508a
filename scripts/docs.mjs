/**
 * Fills the tables between the markers in the READMEs from the plugins' definitions, and writes the OpenAPI document. With
 * `--check` nothing is written,
 * and a stale file is an error.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as prettier from 'prettier';

import { loadSource } from './load-source.mjs';

const { builtInPlugins, metricTables, optionTable, pluginTable, PLUGIN_KINDS } =
  await loadSource('src/commands/plugin-docs.ts');

const { openApiDocument } = await loadSource('src/server/routes-document.ts');

const root = join(import.meta.dirname, '..');
const FOLDERS = { input: 'plugins', processor: 'processors', output: 'outputs', notifier: 'notifiers' };
const isCheck = process.argv.includes('--check');
const stale = [];

for (const kind of PLUGIN_KINDS) {
  const plugins = await Promise.all(builtInPlugins.names(kind).map((name) => builtInPlugins.find(kind, name)));
  for (const plugin of plugins) {
    await fill(join('src', FOLDERS[kind], plugin.name, 'README.md'), {
      options: optionTable(plugin),
      metrics: metricTables(plugin),
    });
  }
  await fill('README.md', { [`${kind}s`]: pluginTable(plugins, FOLDERS[kind]) });
}

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
await write('docs/openapi.json', JSON.stringify(openApiDocument(version)), 'json');

if (stale.length > 0) {
  console.error(`Stale files, run "npm run docs":\n${stale.join('\n')}`);
  process.exitCode = 1;
}

/** Replaces what stands between `<!-- name:begin -->` and `<!-- name:end -->`. */
async function fill(file, sections) {
  const path = join(root, file);
  if (!existsSync(path)) throw new Error(`${file} is missing`);
  const before = readFileSync(path, 'utf8');
  let text = before;
  for (const [name, table] of Object.entries(sections)) {
    const marked = new RegExp(`(<!-- ${name}:begin -->)[\\s\\S]*?(<!-- ${name}:end -->)`);
    text = text.replace(marked, (_, begin, end) => `${begin}\n\n${table}\n\n${end}`);
  }
  await write(file, text, 'markdown');
}

async function write(file, text, parser) {
  const path = join(root, file);
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const after = await prettier.format(text, { ...(await prettier.resolveConfig(path)), parser });
  if (after === before) return;
  if (isCheck) stale.push(file);
  else writeFileSync(path, after);
}
