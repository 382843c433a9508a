/**
 * Makes `dist/`: one file for each public entry, what they share in chunks, and the type declarations. Bundled, because
 * a daemon that opens 500 small files starts in twice the time and needs a tenth more memory (docs/decisions/005).
 * Plugins stay in chunks of their own that are loaded when a configuration names them.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { build } from 'esbuild';

import { buildPage } from './build-page.mjs';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** Heavy, or with files and native parts of their own; and cosmiconfig, of which only one inner module is used. */
const EXTERNAL = [
  '@nats-io/jetstream',
  '@nats-io/transport-node',
  'cosmiconfig',
  'dockerode',
  'jiti',
  'mqtt',
  'ssh2-sftp-client',
  'systeminformation',
];

/** zod's messages in 47 other languages are a third of its size. */
const onlyEnglish = {
  name: 'only-english',
  setup: ({ onLoad }) =>
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, ({ path }) => ({
      contents: "export { default as en } from './en.js';",
      resolveDir: dirname(path),
    })),
};

rmSync(dist, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: {
    cli: 'src/cli.ts',
    'watchdog-thread': 'src/watchdog-thread.ts',
    'history-thread': 'src/history-thread.ts',
    index: 'src/index.ts',
    plugin: 'src/plugin/index.ts',
    testing: 'src/testing.ts',
  },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: EXTERNAL,
  plugins: [onlyEnglish],
  // Names stay, so that a stack trace can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  metafile: true,
  // CommonJS packages ask for Node's own modules by `require`.
  banner: { js: "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);" },
});
chmodSync(join(dist, 'cli.js'), 0o755);
const page = await buildPage(join(dist, 'web'));
writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licences([...Object.keys(metafile.inputs), ...page]));
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});

/** The licence texts of everything that is part of the bundle. */
function licences(inputs) {
  const packages = inputs.flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []);
  return [...new Set(packages)]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? `Licence: ${license}` : readFileSync(join(root, folder, file), 'utf8').trim();
      return `${name} ${version}\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
