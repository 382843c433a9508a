/** One executable for machines without Node: Node's single-executable application, with the staged tree inside. */
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

import { inject } from 'postject';

import { nodeFolder, PACKAGED_NODE } from './node.mjs';
import { ROOT, run } from './run.mjs';

/** What Node looks for in its own executable. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** @param tree the staged tree. @returns the executable */
export async function singleFile({ tree, version, work, out }) {
  const folder = join(work, 'single-file');
  mkdirSync(folder);
  const at = (name) => join(folder, name);
  const paths = readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(tree, join(entry.parentPath, entry.name)))
    .sort();
  const contents = paths.map((path) => readFileSync(join(tree, path)));
  const all = Buffer.concat(contents);
  const files = paths.map((path, n) => [path, contents[n].length, modeOf(join(tree, path))]);
  const checksum = createHash('sha256').update(JSON.stringify(files)).update(all).digest('hex').slice(0, 16);
  writeFileSync(at('index.json'), JSON.stringify({ key: `${version}-${checksum}`, files }));
  writeFileSync(at('files.gz'), gzipSync(all, { level: 9 }));
  const config = {
    main: join(ROOT, 'packaging/single-file/main.cjs'),
    output: at('blob'),
    disableExperimentalSEAWarning: true,
    assets: { 'index.json': at('index.json'), 'files.gz': at('files.gz') },
  };
  writeFileSync(at('config.json'), JSON.stringify(config));
  const node = join(nodeFolder(PACKAGED_NODE), 'bin/node');
  run(node, ['--experimental-sea-config', at('config.json')]);
  const file = join(out, `healthd-${version}-linux-x64`);
  copyFileSync(node, file);
  await inject(file, 'NODE_SEA_BLOB', readFileSync(at('blob')), { sentinelFuse: FUSE });
  chmodSync(file, 0o755);
  return file;
}

function modeOf(file) {
  return (statSync(file).mode & 0o111) === 0 ? 0o644 : 0o755;
}
