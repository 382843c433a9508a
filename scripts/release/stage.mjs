/**
 * The tree that every package is made of: the npm tarball with its production dependencies inside, without what is not
 * needed at run time. docs/decisions/024-packages.md says what made it small.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { prune } from './prune.mjs';
import { ROOT, run, unpacked } from './run.mjs';

/** The builds of libsql for each platform. The one that a machine needs is beside the npm tarball, not inside. */
const NATIVE = /^@libsql\//;

/**
 * libsql does not tell npm which C library a build is for, so that npm would install both builds for Linux, 10 MB each.
 * On Alpine Linux the package is named on the command line.
 */
const ONLY_ON_REQUEST = /musl/;

/** Of npm's lock file: which of two builds for Linux a machine needs. libsql's own packages do not say it. */
const LIBC = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };

/**
 * @param work an empty folder
 * @returns the staged tree and the npm tarball; both install and run without any script of a package
 */
export function stage(work) {
  const packed = run('npm', ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', work], {
    cwd: ROOT,
  });
  const tree = unpacked(join(work, packed.trim().split('\n').at(-1)), join(work, 'tree'));
  const {
    devDependencies: _dev,
    overrides: _overrides,
    scripts: _scripts,
    ...published
  } = json(join(ROOT, 'package.json'));
  const lock = productionLock(json(join(ROOT, 'package-lock.json')), published);
  write(join(tree, 'package.json'), published);
  write(join(tree, 'package-lock.json'), lock);
  run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: tree });
  rmSync(join(tree, 'package-lock.json'));
  rmSync(join(tree, 'node_modules/.package-lock.json'));
  prune(join(tree, 'node_modules'));
  const { version, description: summary } = published;
  return { tree, version, summary, tarball: tarballOf(tree, published, lock, work) };
}

/** npm takes what is inside the tarball as it is, and installs the native package for the platform. */
function tarballOf(tree, published, lock, work) {
  const inside = join(work, 'npm/package');
  mkdirSync(join(work, 'npm'));
  cpSync(tree, inside, { recursive: true });
  const { optionalDependencies: builds, ...libsql } = json(join(inside, 'node_modules/libsql/package.json'));
  const native = Object.entries(builds).filter(([name]) => NATIVE.test(name) && !ONLY_ON_REQUEST.test(name));
  const { dependencies, optionalDependencies } = published;
  const bundled = {
    ...published,
    files: [...published.files, 'npm-shrinkwrap.json'],
    optionalDependencies: { ...optionalDependencies, ...Object.fromEntries(native) },
    bundleDependencies: Object.keys({ ...dependencies, ...optionalDependencies }),
  };
  rmSync(join(inside, 'node_modules/@libsql'), { recursive: true });
  write(join(inside, 'node_modules/libsql/package.json'), libsql);
  write(join(inside, 'package.json'), bundled);
  write(join(inside, 'npm-shrinkwrap.json'), shrinkwrap(lock, bundled));
  const file = run('npm', ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', work], {
    cwd: inside,
  });
  return join(work, file.trim().split('\n').at(-1));
}

function productionLock(lock, published) {
  const packages = Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, entry]) => {
      const libc = LIBC[/\/@libsql\/linux-[^-]+-(\w+)$/.exec(path)?.[1] ?? ''];
      return [path, libc === undefined ? entry : { ...entry, libc: [libc] }];
    });
  return { ...lock, packages: { '': rootEntry(published), ...Object.fromEntries(packages) } };
}

/** The lock of the tarball: versions and checksums, of what is inside as well. */
function shrinkwrap(lock, bundled) {
  const packages = Object.entries(lock.packages)
    .filter(([path]) => path !== '' && !ONLY_ON_REQUEST.test(path))
    .map(([path, entry]) => [path, path.includes('@libsql/') ? entry : { ...entry, inBundle: true }]);
  return { ...lock, packages: { '': rootEntry(bundled), ...Object.fromEntries(packages) } };
}

function rootEntry({ name, version, license, dependencies, optionalDependencies, bundleDependencies, bin, engines }) {
  return { name, version, license, dependencies, optionalDependencies, bundleDependencies, bin, engines };
}

function json(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function write(file, value) {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
