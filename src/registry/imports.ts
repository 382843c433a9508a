/** The files that a module imports: their owners are checked before any of them runs, and their content is its version. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ConfigError } from '../core/errors.ts';

import { readObeyed, type TrustedOwners } from './file-permissions.ts';

/** A plugin with all of its packages has fewer. */
const MAX_FILES = 20_000;

/** A text in quotes after `from`, `import` or `require`. It finds too much rather than too little: comments, for example. */
const SPECIFIER = /\b(?:from|import|require|require\.resolve)\s*\(?\s*(["'`])([^"'`\n]{1,1024})\1/g;

const CODE = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.jsx', '.tsx']);
const SUFFIXES = ['', ...CODE, '.json', '.node', ...[...CODE].map((suffix) => `/index${suffix}`), '/package.json'];

/**
 * Reads a module, what it imports by a literal path, and so on. With owners, also every file of the packages that it imports.
 *
 * @param content of the module
 * @returns SHA-256 of the module and of the files that it imports by path; packages, which a reload does not load again, are
 *   not covered
 * @throws ConfigError if others than the owners could have written one of them
 */
export async function readImports(file: string, content: Buffer, owners: TrustedOwners): Promise<string> {
  const hash = createHash('sha256');
  const seen = new Set([file]);
  const left = [{ path: file, isPackage: false }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { path, isPackage } = next;
    const bytes = path === file ? content : await readImported(path, owners);
    if (!isPackage) hash.update(`${path}\0${bytes.length}\0`).update(bytes);
    for (const found of CODE.has(extname(path)) ? await importsIn(bytes, path, owners) : []) {
      if (seen.has(found.path)) continue;
      seen.add(found.path);
      left.push({ ...found, isPackage: isPackage || found.isPackage });
      if (seen.size > MAX_FILES) throw new ConfigError(`${file} imports more than ${MAX_FILES} files`);
    }
  }
  return hash.digest('hex');
}

/** Without owners, a file that cannot be read is left to the import, which may never need it. */
async function readImported(path: string, owners: TrustedOwners): Promise<Buffer> {
  if (owners !== undefined) return readObeyed(path, owners);
  return readObeyed(path, owners).catch(() => Buffer.alloc(0));
}

interface Imported {
  readonly path: string;
  /** In a package, not imported by path. */
  readonly isPackage: boolean;
}

async function importsIn(content: Buffer, from: string, owners: TrustedOwners): Promise<readonly Imported[]> {
  const found: Imported[] = [];
  for (const [, , specifier = ''] of content.toString('utf8').matchAll(SPECIFIER)) {
    const isPackage = !isPath(specifier);
    if (isPackage && owners === undefined) continue;
    const paths = isPackage ? await filesOfPackage(specifier, from) : await filesAt(specifier, from);
    found.push(...paths.map((path) => ({ path, isPackage })));
  }
  return found;
}

function isPath(specifier: string): boolean {
  return /^\.{0,2}\//.test(specifier) || specifier.startsWith('file:') || isAbsolute(specifier);
}

async function filesAt(specifier: string, from: string): Promise<readonly string[]> {
  const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(dirname(from), specifier);
  // TypeScript names a file by what it will be compiled to.
  const bases = [path, path.replace(/\.([cm]?)js$/, '.$1ts')];
  return keepFiles(bases.flatMap((base) => SUFFIXES.map((suffix) => base + suffix)));
}

async function filesOfPackage(specifier: string, from: string): Promise<readonly string[]> {
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
