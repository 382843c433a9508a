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

const root = join(import.meta.dirname, '..');
const web = join(root, 'web');

/** @returns the inputs, relative to the project, for the licences */
export async function buildPage(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { page: 'web/main.tsx' },
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
  const outputs = Object.entries(metafile.outputs);
  const [script, { cssBundle }] = outputs.find(([, { entryPoint }]) => entryPoint === 'web/main.tsx');
  const html = readFileSync(join(web, 'index.html'), 'utf8')
    .replace('%script%', pathOf(folder, script))
    .replace('%style%', pathOf(folder, cssBundle));
  writeFileSync(join(folder, 'index.html'), html);
  for (const name of ['manifest.webmanifest', 'icon.svg']) copyFileSync(join(web, 'icons', name), join(folder, name));
  compress(folder);
  return Object.keys(metafile.inputs);
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
