/** What the packages for Debian and for RPM put on a machine. */
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { loadSource } from '../load-source.mjs';

import { nodeFolder, PACKAGED_NODE } from './node.mjs';
import { ROOT } from './run.mjs';

const NODE = '/usr/lib/healthd/bin/node';
const SCRIPT = '/usr/lib/healthd/dist/cli.js';

/** Lays the files out below `root`. */
export async function linuxFiles(tree, root) {
  const at = (path) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  cpSync(tree, at('/usr/lib/healthd'), { recursive: true });
  withNode(at('/usr/lib/healthd'), NODE);
  cpSync(join(ROOT, 'packaging/linux/unsent'), at('/usr/lib/healthd/unsent'));
  chmodSync(at('/usr/lib/healthd/unsent'), 0o755);
  mkdirSync(at('/usr/bin'), { recursive: true });
  symlinkSync('../lib/healthd/dist/cli.js', at('/usr/bin/healthd'));
  write(at('/usr/lib/systemd/system/healthd.service'), await unit());
  write(at('/etc/healthd/healthd.yaml'), await firstConfiguration());
  chmodSync(at('/etc/healthd/healthd.yaml'), 0o640);
  cpSync(join(ROOT, 'LICENSE'), at('/usr/share/doc/healthd/copyright'));
}

/** Adds Node, and lets the program be started by it and by no other. @param node its path when it is installed */
export function withNode(folder, node) {
  const source = nodeFolder(PACKAGED_NODE);
  mkdirSync(join(folder, 'bin'), { recursive: true });
  cpSync(join(source, 'bin/node'), join(folder, 'bin/node'));
  chmodSync(join(folder, 'bin/node'), 0o755);
  cpSync(join(source, 'LICENSE'), join(folder, 'bin/LICENSE'));
  const cli = join(folder, 'dist/cli.js');
  writeFileSync(cli, readFileSync(cli, 'utf8').replace(/^#!.*/, `#!${node}`));
  chmodSync(cli, 0o755);
}

async function unit() {
  const { unitFile, UNIT_MARK } = await loadSource('src/service/systemd.ts');
  const text = unitFile({ command: [NODE, SCRIPT], canNotify: true, watchesDocker: false });
  return text.replace(UNIT_MARK, '# Part of the package healthd. Change it with: systemctl edit healthd');
}

/** What `healthd init` writes on a machine of which nothing is known. */
async function firstConfiguration() {
  const { firstConfig } = await loadSource('src/commands/first-config.ts');
  return firstConfig({}, { engine: undefined, hasSensors: false, hasSystemd: true, hasPressure: false });
}

function write(file, text) {
  writeFileSync(file, text, { mode: 0o644 });
}
