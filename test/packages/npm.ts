/** The npm tarball, and the versions of Node that it runs with. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from '@jest/globals';

import { expectLive } from './live.ts';
import { AS_NOBODY, edit, NEWER, newerManifest, NOBODY, packageTest, ROOT, VERSION, type Workshop } from './workshop.ts'; // prettier-ignore

/** Each is needed by one plugin or output, and loaded when that is configured. */
const LOADED_LATER = ['mqtt', '@nats-io/jetstream', '@nats-io/transport-node', 'ssh2-sftp-client', 'dockerode', 'jiti'];

export function npmTests(workshop: Workshop): void {
  packageTest(
    'npm: the tarball takes at most 40 MB, runs no scripts, takes the place of another version, and works',
    async () => {
      const prefix = workshop.readable('npm');
      install(prefix, newerTarball(workshop));
      expect(version(prefix)).toBe(`${NEWER}\n`);
      install(prefix, workshop.artefact('.tgz'));
      expect(version(prefix)).toBe(`${VERSION}\n`);
      const kilobytes = Number(execFileSync('du', ['-sk', prefix], { encoding: 'utf8' }).split('\t')[0]);
      expect(kilobytes).toBeLessThanOrEqual(40_000);
      const installed = join(prefix, 'lib/node_modules/healthd');
      expect(installScripts(join(installed, 'node_modules'))).toEqual([]);
      for (const name of LOADED_LATER) {
        const args = ['--input-type=module', '--eval', `await import(${JSON.stringify(name)})`];
        const loaded = spawnSync(process.execPath, args, { cwd: installed, encoding: 'utf8' });
        expect([name, loaded.status, loaded.stderr]).toEqual([name, 0, '']);
      }
      const outside = workshop.readable('npm-live');
      const command = [...AS_NOBODY, join(prefix, 'bin/healthd')];
      await expectLive({ command, outside, inside: outside, state: workshop.home('npm-state') });
    },
  );

  packageTest('npm: neither the lock file nor the shrinkwrap in the tarball names a registry', () => {
    const shrinkwrap = execFileSync('tar', ['-xzOf', workshop.artefact('.tgz'), 'package/npm-shrinkwrap.json']);
    for (const text of [shrinkwrap.toString(), readFileSync(join(ROOT, 'package-lock.json'), 'utf8')]) {
      const { packages } = JSON.parse(text) as { readonly packages: Readonly<Record<string, object>> };
      expect(Object.keys(packages)).toContain('node_modules/libsql');
      expect(Object.entries(packages).filter(([, entry]) => 'resolved' in entry)).toEqual([]);
      expect(text).not.toMatch(/\bregistry\b|\.tgz\b/);
    }
  });

  packageTest('npx runs the tarball without an installation', () => {
    const args = ['--yes', `--package=${workshop.artefact('.tgz')}`, 'healthd', 'version'];
    const home = workshop.readable('npx');
    const env = { ...process.env, npm_config_cache: join(home, 'cache') };
    expect(spawnSync('npx', args, { encoding: 'utf8', cwd: home, env }).stdout).toBe(`${VERSION}\n`);
  });
}

/** Also the one that is inside of the packages, which are tested with it. */
export function nodeTests(workshop: Workshop, majors: readonly string[]): void {
  let prefix: string | undefined;
  const installed = () => {
    if (prefix === undefined) install((prefix = workshop.readable('nodes')), workshop.artefact('.tgz'));
    return prefix;
  };
  describe.each(majors)('Node %s', (major) => {
    packageTest(`Node ${major} runs healthd: page, TypeScript plugin, history over a restart, sql`, async () => {
      const home = workshop.readable('node');
      const args = [join(ROOT, 'scripts/release/node.mjs'), major];
      const source = execFileSync(process.execPath, args, { encoding: 'utf8' });
      // Where everybody may run it.
      const node = join(home, 'node');
      execFileSync('cp', [join(source.trim(), 'bin/node'), node]);
      expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(new RegExp(`^v${major}\\.`));
      const state = join(home, 'state');
      mkdirSync(state);
      chownSync(state, NOBODY, NOBODY);
      const outside = join(home, 'live');
      const script = join(installed(), 'lib/node_modules/healthd/dist/cli.js');
      await expectLive({ command: [...AS_NOBODY, node, script], outside, inside: outside, state });
    });
  });
}

function install(prefix: string, tarball: string): void {
  const args = ['install', '--global', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund', tarball];
  execFileSync('npm', args, { stdio: 'pipe' });
}

function version(prefix: string): string {
  return execFileSync(join(prefix, 'bin/healthd'), ['version'], { encoding: 'utf8' });
}

function installScripts(modules: string): readonly string[] {
  return readdirSync(modules, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('package.json'))
    .map((path) => JSON.parse(readFileSync(join(modules, path), 'utf8')) as { readonly scripts?: object })
    .flatMap(({ scripts = {} }) => Object.keys(scripts))
    .filter((name) => /^(?:pre|post)?install$/.test(name));
}

function newerTarball(workshop: Workshop): string {
  const folder = workshop.readable('newer-npm');
  execFileSync('tar', ['-xzf', workshop.artefact('.tgz'), '-C', folder]);
  edit(join(folder, 'package/package.json'), newerManifest);
  const file = join(folder, 'healthd.tgz');
  execFileSync('tar', ['-czf', file, '-C', folder, 'package']);
  return file;
}
