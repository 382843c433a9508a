/** The package for Debian and Ubuntu, by dpkg-deb. */
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT, run } from './run.mjs';

/** @param files the root of the laid out files. @returns the package */
export function deb({ files, version, work, out }) {
  const root = join(work, 'deb');
  const control = join(root, 'DEBIAN');
  cpSync(files, root, { recursive: true, verbatimSymlinks: true });
  mkdirSync(control);
  const size = run('du', ['-sk', files]).split('\t')[0];
  writeFileSync(join(control, 'control'), controlFile(version, size));
  writeFileSync(join(control, 'conffiles'), '/etc/healthd/healthd.yaml\n');
  for (const name of ['postinst', 'prerm', 'postrm']) {
    writeFileSync(join(control, name), maintainerScript(join(ROOT, 'packaging/deb', name)));
    chmodSync(join(control, name), 0o755);
  }
  const file = join(out, `healthd_${version}_amd64.deb`);
  run('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', root, file]);
  return file;
}

/** A script with the functions that both kinds of packages share. */
export function maintainerScript(file) {
  const functions = readFileSync(join(ROOT, 'packaging/linux/functions.sh'), 'utf8');
  return readFileSync(file, 'utf8').replaceAll('#FUNCTIONS#\n', () => functions);
}

function controlFile(version, size) {
  return `Package: healthd
Version: ${version}
Architecture: amd64
Maintainer: healthd <healthd@localhost>
Installed-Size: ${size}
Depends: libc6 (>= 2.28), libstdc++6, passwd, util-linux, init-system-helpers (>= 1.54)
Section: admin
Priority: optional
Description: Health monitoring and alerting for servers
 One agent that shows how a machine is doing, sends its metrics to InfluxDB,
 Prometheus and others, keeps them through outages, and notifies people.
 Node is inside.
`;
}
