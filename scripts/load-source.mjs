/** Imports a TypeScript module of `src/` that is not a public entry, for scripts and benchmarks. */
import { mkdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { pathToFileURL } from 'node:url';

import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');

const withoutJest = {
  name: 'without-jest',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^@jest\/globals$/ }, () => ({ path: 'jest', namespace: 'without-jest' }));
    onLoad({ filter: /.*/, namespace: 'without-jest' }, () => ({ contents: 'export let test;' }));
  },
};

/**
 * Support of tests can be imported too: what it imports from Jest, which is there for tests only, is then undefined.
 *
 * @param path relative to the project, e.g. `src/metric/line-protocol.ts`
 */
export async function loadSource(path) {
  // In node_modules, so that the packages it imports are found from there.
  const folder = join(root, 'node_modules/.cache/healthd');
  mkdirSync(folder, { recursive: true });
  const { dir, name } = parse(path);
  const outfile = join(folder, `${dir.replaceAll('/', '-')}-${name}-${process.pid}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [path],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    plugins: [withoutJest],
  });
  return import(pathToFileURL(outfile).href);
}
