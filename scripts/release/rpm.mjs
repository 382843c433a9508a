/** The package for Fedora, RHEL and SUSE, by rpmbuild. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { maintainerScript } from './deb.mjs';
import { ROOT, run } from './run.mjs';

/** @param files the root of the laid out files. @param payload the compression, in RPM's words. @returns the package */
export function rpm({ files, version, summary, work, out, payload = 'w1.xzdio' }) {
  const top = join(work, 'rpm');
  mkdirSync(top);
  const values = {
    VERSION: version.replaceAll('-', '~'),
    SUMMARY: summary,
    ARCHITECTURE: 'x86_64',
    FILES: files,
    PAYLOAD: payload,
  };
  const spec = maintainerScript(join(ROOT, 'packaging/rpm/healthd.spec')).replace(
    /#([A-Z]+)#/g,
    (match, name) => values[name] ?? match,
  );
  writeFileSync(join(top, 'healthd.spec'), spec);
  // The host may be one without rpm's idea of its architecture, and rpm's database is not asked.
  run('rpmbuild', [
    '-bb',
    '--nodeps',
    '--target',
    'x86_64-linux',
    '--define',
    `_topdir ${top}`,
    join(top, 'healthd.spec'),
  ]);
  const name = `healthd-${values.VERSION}-1.x86_64.rpm`;
  copyFileSync(join(top, 'RPMS/x86_64', name), join(out, name));
  return join(out, name);
}
