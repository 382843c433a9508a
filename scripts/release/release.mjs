/**
 * Makes everything that healthd is installed from, in `release/`: npm tarball, packages for Debian and for RPM, single file,
 * checksums and the list of what is inside. Needs Linux on x64, dpkg-deb, rpmbuild (Debian package `rpm`) and npm's registry.
 * With names as arguments, only these: `npm run release deb single-file`.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { deb } from './deb.mjs';
import { linuxFiles } from './linux-files.mjs';
import { rpm } from './rpm.mjs';
import { ROOT, run } from './run.mjs';
import { sbom } from './sbom.mjs';
import { singleFile } from './single-file.mjs';
import { stage } from './stage.mjs';

const ALL = ['npm', 'deb', 'rpm', 'single-file', 'sbom'];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !ALL.includes(name));
if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: there is ${ALL.join(', ')}`);
const wanted = new Set(asked.length === 0 ? ALL : asked);

const out = process.env.RELEASE_DIR ?? join(ROOT, 'release');
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const work = mkdtempSync(join(tmpdir(), 'healthd-release-'));
process.umask(0o022);
try {
  await make();
} finally {
  rmSync(work, { recursive: true });
}

async function make() {
  const { tree, version, summary, tarball } = stage(work);
  if (wanted.has('npm')) copyFileSync(tarball, join(out, basename(tarball)));
  if (wanted.has('deb') || wanted.has('rpm')) {
    const files = join(work, 'files');
    await linuxFiles(tree, files);
    if (wanted.has('deb')) deb({ files, version, work, out });
    if (wanted.has('rpm')) rpm({ files, version, summary, work, out });
  }
  if (wanted.has('single-file')) await singleFile({ tree, version, work, out });
  if (wanted.has('sbom')) {
    writeFileSync(join(out, `healthd-${version}.cdx.json`), `${JSON.stringify(sbom(tree), undefined, 2)}\n`);
  }
  const sums = readdirSync(out).map((name) => `${sha256(join(out, name))}  ${name}\n`);
  writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
  process.stdout.write(run('ls', ['-l', '--human-readable', out]));
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
