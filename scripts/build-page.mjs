/**
 * Makes `dist/web`: the page as files that the agent serves as they are, each with a compressed twin. Names of assets have
 * a hash of their contents, so they may be kept for ever; `index.html` may not.
 *
 * | path                       | what                                        |
 * | -------------------------- | ------------------------------------------- |
 * | `index.html`               | for every path that is a view               |
 * | `assets/*-HASH.{js,css}`   | scripts and the style sheet                 |
 * | `manifest.webmanifest`     | makes the page installable                  |
 * | `icon.svg`                 |                                             |
 * | `*.gz`                     | the same, compressed with gzip              |
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

/** Scripts and style sheet until the first chart is there, compressed. */
const FIRST_CHART_BYTES = 60 * 1024;

const root = join(import.meta.dirname, '..');
const web = join(root, 'web');

/** @returns the inputs, relative to the project, for the licences */
export async function buildPage(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { page: 'web/main.tsx', style: 'web/styles/index.css', 'rest-style': 'web/styles/rest.css' },
    outdir: folder,
    entryNames: 'assets/[name]-[hash]',
    chunkNames: 'assets/[name]-[hash]',
    assetNames: 'assets/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome111', 'firefox125', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    metafile: true,
    legalComments: 'none',
  });
  const outputOf = (entry) => Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === entry)[0];
  const [script, style] = [outputOf('web/main.tsx'), outputOf('web/styles/index.css')];
  const first = withImports(metafile.outputs, script);
  const preloads = first.slice(1).map((path) => `<link rel="modulepreload" href="${pathOf(folder, path)}" />`);
  const html = readFileSync(join(web, 'index.html'), 'utf8')
    .replace('%script%', pathOf(folder, script))
    .replace('%style%', pathOf(folder, style))
    .replace('%rest-style%', pathOf(folder, outputOf('web/styles/rest.css')))
    .replace('%preloads%', preloads.join(''));
  checkBudget([...first, style]);
  writeFileSync(join(folder, 'index.html'), html);
  for (const name of ['manifest.webmanifest', 'icon.svg']) copyFileSync(join(web, 'icons', name), join(folder, name));
  compress(folder);
  return Object.keys(metafile.inputs);
}

/** A script and all that it imports at once, not what it loads later. */
function withImports(outputs, script) {
  const all = new Set([script]);
  for (const path of all) {
    for (const { path: imported, kind } of outputs[path].imports) if (kind === 'import-statement') all.add(imported);
  }
  return [...all];
}

function checkBudget(paths) {
  const bytes = paths.reduce((sum, path) => sum + gzipSync(readFileSync(join(root, path)), { level: 9 }).length, 0);
  if (bytes <= FIRST_CHART_BYTES) return;
  throw new Error(`The first chart needs ${bytes} bytes, compressed; at most ${FIRST_CHART_BYTES} are allowed`);
}

function pathOf(folder, output) {
  return `/${relative(folder, join(root, output))}`;
}

function compress(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
  }
}
