/** The packed tarball, installed into an empty prefix as docs/install.md says. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'healthd-install-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('U-001: installed from its tarball it writes a configuration, checks it, looks at the host, and is removed', () => {
  // dist/ is built already.
  const npm = (...args: readonly string[]) =>
    execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, encoding: 'utf8' });
  const archive = npm('pack', '--ignore-scripts', '--pack-destination', folder).trim().split('\n').at(-1) ?? '';
  const prefix = join(folder, 'prefix');
  npm('install', '--global', '--prefix', prefix, '--prefer-offline', '--ignore-scripts', join(folder, archive));

  const work = join(folder, 'work');
  mkdirSync(work);
  const healthd = (...args: readonly string[]) =>
    spawnSync(join(prefix, 'bin/healthd'), args, {
      cwd: work,
      encoding: 'utf8',
      env: {
        PATH: `${join(prefix, 'bin')}:${process.env['PATH'] ?? ''}`,
        HOME: folder,
        STATE_DIRECTORY: join(folder, 'state'),
      },
    });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  expect(healthd('version').stdout).toBe(`${version}\n`);
  expect(healthd('init')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining(`\n  healthd run --config ${work}/healthd.yaml`),
  });
  expect(healthd('init')).toMatchObject({ status: 2, stderr: expect.stringContaining('--force overwrites it') });
  expect(healthd('check')).toMatchObject({ status: 0, stdout: expect.stringContaining('The configuration is valid') });
  expect(healthd('once', '--format', 'influx').stdout).toMatch(/^cpu,cpu=cpu-total,.* usage_user=/m);
  // From the bundle: a package that is none of the dependencies.
  const team = join(work, 'team.yaml');
  writeFileSync(
    team,
    "alerts: { silences: [{ match: { team: '~^lab-.*' }, until: 2999-01-01T00:00:00Z, comment: c, by: b }] }\n",
  );
  expect(healthd('check', '--config', team)).toMatchObject({ status: 0 });
  expect(healthd('status')).toMatchObject({ status: 3, stdout: expect.stringContaining('No healthd is running') });

  npm('uninstall', '--global', '--prefix', prefix, 'healthd');
  expect(healthd('version').error).toMatchObject({ code: 'ENOENT' });
}, 300_000);
