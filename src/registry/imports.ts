/** The files that a module imports, for the check of their owners before any of them runs. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ConfigError } from '../core/errors.ts';

import { readObeyed } from './file-permissions.ts';

/** A plugin with all of its packages has fewer. */
const MAX_FILES = 20_000;

/** A text in quotes after `from`, `import` or `require`. It finds too much rather than too little: comments, for example. */
const SPECIFIER = /\b(?:from|import|require|require\.resolve)\s*\(?\s*(["'`])([^"'`\n]{1,1024})\1/g;

const CODE = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.jsx', '.tsx']);
const SUFFIXES = ['', ...CODE, '.json', '.node', ...[...CODE].map((suffix) => `/index${suffix}`), '/package.json'];

/**
 * Checks a module, what it imports by a literal name, and so on. Of a package, every file is checked.
 *
 * @throws ConfigError if others than the owners could have written one of them
 */
export async function checkImports(file: string, owners: readonly number[]): Promise<void> {
  const seen = new Set<string>();
  const left = [file];
  const add = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    left.push(path);
    if (seen.size > MAX_FILES) throw new ConfigError(`${file} imports more than ${MAX_FILES} files`);
  };
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    const content = await readObeyed(path, owners);
    if (!CODE.has(extname(path))) continue;
    for (const [, , specifier = ''] of content.toString('utf8').matchAll(SPECIFIER)) {
      for (const found of await filesOf(specifier, path)) add(found);
    }
  }
}

async function filesOf(specifier: string, from: string): Promise<readonly string[]> {
  if (/^\.{0,2}\//.test(specifier) || specifier.startsWith('file:') || isAbsolute(specifier)) {
    const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(dirname(from), specifier);
    // TypeScript names a file by what it will be compiled to.
    const bases = [path, path.replace(/\.([cm]?)js$/, '.$1ts')];
    return keepFiles(bases.flatMap((base) => SUFFIXES.map((suffix) => base + suffix)));
  }
  if (specifier === 'healthd/plugin' || specifier === 'healthd/testing') return []; // the running modules
  const [, name] = /^((?:@[\w.~-]+\/)?[\w.~-]+)(?:\/|$)/.exec(specifier) ?? [];
  return name === undefined ? [] : packageFiles(name, from);
}

/** From the nearest `node_modules` that has the package, as Node.js looks it up. */
async function packageFiles(name: string, from: string): Promise<readonly string[]> {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    const isThere = await stat(found).then(
      (status) => status.isDirectory(),
      () => false,
    );
    if (isThere) return codeIn(found);
    if (folder === dirname(folder)) return [];
  }
}

async function codeIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const isCode = CODE.has(extname(entry.name)) || entry.name === 'package.json' || entry.name.endsWith('.node');
    if (isCode && !entry.isDirectory()) found.push(join(entry.parentPath, entry.name));
    if (found.length > MAX_FILES) throw new ConfigError(`${folder} has more than ${MAX_FILES} files`);
  }
  return found;
}

async function keepFiles(paths: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const isFile = await stat(path).then(
      (status) => status.isFile(),
      () => false,
    );
    if (isFile) found.push(path);
  }
  return found;
}
