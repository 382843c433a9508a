/** Removes from installed packages what no run of healthd reads. Licences stay. */
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LICENCE = /^(?:licen[cs]e|copying|notice)/i;

/** Types, source maps, build files and prose. */
const NEVER_READ =
  /\.(?:map|md|markdown|ts|mts|cts|flow|h|c|cc|cpp|gyp|gypi|yml|coffee|html|png|tsbuildinfo|gz)$|^(?:changelog|readme|history|authors)/i;
const FOLDERS = new Set([
  'test',
  'tests',
  '__tests__',
  'example',
  'examples',
  'docs',
  'doc',
  '.github',
  'bench',
  'benchmark',
  'benchmarks',
]);

/** Without these, a package runs as it does where a compiler is missing, or has no types. */
const NOT_NEEDED = /^(?:@types\/.*|undici-types|cpu-features|buildcheck|nan)$/;

/** Builds for browsers, for debuggers and for another module system; sources of what is compiled beside them. */
const SECOND_COPIES = {
  '@grpc/grpc-js': ['src', 'proto'],
  '@influxdata/influxdb-client': [
    'dist/index.browser.js',
    'dist/index.browser.mjs',
    'dist/influxdb.js',
    'dist/influxdb.min.js',
  ],
  '@js-sdsl/ordered-map': ['dist/esm', 'dist/umd'],
  '@babel/runtime': ['helpers/esm'],
  async: ['dist/async.mjs', 'dist/async.min.js'],
  'broker-factory': ['build/es2019'],
  mqtt: ['dist', 'src'],
  winston: ['dist'],
  'worker-factory': ['build/es2019'],
  protobufjs: ['dist', 'cli'],
};

/** @param modules a folder `node_modules` */
export function prune(modules) {
  rmSync(join(modules, '@types'), { recursive: true, force: true });
  for (const name of packagesIn(modules)) {
    const folder = join(modules, name);
    if (NOT_NEEDED.test(name)) rmSync(folder, { recursive: true });
    else prunePackage(name, folder);
  }
}

function prunePackage(name, folder) {
  for (const path of SECOND_COPIES[name] ?? []) rmSync(join(folder, path), { recursive: true, force: true });
  if (name === 'zod') keepTypes(folder);
  else pruneFolder(folder);
  pruneManifest(join(folder, 'package.json'));
  if (existsSync(join(folder, 'node_modules'))) prune(join(folder, 'node_modules'));
}

function pruneFolder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name === 'node_modules') continue;
      if (FOLDERS.has(entry.name)) rmSync(path, { recursive: true });
      else pruneFolder(path);
      if (existsSync(path) && readdirSync(path).length === 0) rmdirSync(path);
    } else if (NEVER_READ.test(entry.name) && !LICENCE.test(entry.name)) rmSync(path);
  }
}

/** zod is part of the bundle; of the package itself, the types of plugins need the declarations. */
function keepTypes(folder) {
  for (const path of ['src', 'v3', 'mini', 'v4-mini', 'v4/mini', 'locales']) {
    rmSync(join(folder, path), { recursive: true, force: true });
  }
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const isNeeded = file.name.endsWith('.d.ts') || file.name === 'package.json' || LICENCE.test(file.name);
    if (file.isFile() && !isNeeded) rmSync(join(file.parentPath, file.name));
  }
}

/** No script of a package has to run, and npm does not install again what was removed. */
function pruneManifest(file) {
  const { scripts: _scripts, devDependencies: _dev, ...manifest } = JSON.parse(readFileSync(file, 'utf8'));
  for (const field of ['dependencies', 'optionalDependencies']) {
    const needed = Object.entries(manifest[field] ?? {}).filter(([name]) => !NOT_NEEDED.test(name));
    manifest[field] = Object.fromEntries(needed);
  }
  writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
}

export function packagesIn(modules) {
  return readdirSync(modules).flatMap((name) => {
    if (name.startsWith('.')) return [];
    return name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name];
  });
}
