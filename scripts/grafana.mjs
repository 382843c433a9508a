/**
 * Writes `grafana/`: the dashboards and everything else that `healthd grafana export` writes without a configuration.
 * With `--check` nothing is written, and a stale, missing or superfluous file is an error.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { loadSource } from './load-source.mjs';

const { grafanaContent, exportFiles, SOURCES } = await loadSource('src/commands/grafana/content.ts');

const folder = join(import.meta.dirname, '../grafana');
const content = await grafanaContent();
const files = new Map(SOURCES.flatMap((source) => exportFiles(content, source)).map(({ path, text }) => [path, text]));
const present = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  .filter((path) => path !== 'README.md');

const superfluous = present.filter((path) => !files.has(path));
const stale = [...files].filter(([path, text]) => !present.includes(path) || read(path) !== text).map(([path]) => path);

if (process.argv.includes('--check')) {
  if (superfluous.length + stale.length > 0) {
    console.error(`Stale files, run "npm run grafana":\n${[...stale, ...superfluous].join('\n')}`);
    process.exitCode = 1;
  }
} else {
  for (const path of superfluous) rmSync(join(folder, path));
  for (const path of stale) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), files.get(path));
  }
}

function read(path) {
  return readFileSync(join(folder, path), 'utf8');
}
