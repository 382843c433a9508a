import { spawnSync } from 'node:child_process';
import { chmodSync, lchownSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, test } from '@jest/globals';

import { loadConfig } from '../../src/config/load.ts';
import { readObeyed, trustedOwners } from '../../src/registry/file-permissions.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';

import { tempFolder } from './temp-folder.ts';

const self = process.getuid?.() ?? 0;
/** Who runs the tests owns their files, and is trusted. */
const trusted = { HEALTHD_CONFIG_OWNER: String(self) };

/** Gives a path to others: to another user if the tests run as root, otherwise by its mode. */
function giveAway(path: string, mode = 0o777): void {
  if (self === 0) lchownSync(path, 4242, 0);
  else chmodSync(path, mode);
}

const load = (folder: string, file = 'healthd.yaml', environment: Readonly<Record<string, string>> = trusted) =>
  loadConfig({
    path: join(folder, file),
    cwd: folder,
    environment,
    registry: builtInPlugins,
    platform: 'linux',
    uid: 0,
  });

const PLUGIN = (name: string, head = '') =>
  `${head}\nimport { defineProcessor, z } from 'healthd/plugin';\nglobalThis.healthdRan = true;\nexport const p = defineProcessor({ name: '${name}', summary: 's', config: z.strictObject({}), create: () => ({ process: (m) => [m] }) });\n`;

afterEach(() => {
  delete (globalThis as { healthdRan?: boolean }).healthdRan;
});

describe('H-016: root obeys no file that another user could have written', () => {
  const files = {
    'a/b/healthd.yaml': 'outputs: [discard]\nplugins: [./plugin.mjs]\n',
    'a/b/conf.d/one.yaml': 'agent: { interval: 5s }',
    'a/b/alerts.d/two.yaml': 'flapping: {}',
    'a/b/environment': 'TOKEN=x',
    'a/b/plugin.mjs': PLUGIN('mine', "import './helper.mjs';\nimport 'some-package';"),
    'a/b/helper.mjs': "import { x } from '../lib/deeper.cjs'; export const y = x;",
    'a/lib/deeper.cjs': 'exports.x = 1;',
    'a/node_modules/some-package/package.json': '{"name":"some-package","version":"1.0.0","main":"index.js"}',
    'a/node_modules/some-package/index.js': "module.exports = require('./inner.js');",
    'a/node_modules/some-package/inner.js': 'module.exports = 1;',
  };

  test('all of them its own: it is loaded', async () => {
    const folder = tempFolder(files);
    const config = await load(join(folder, 'a/b'));
    expect(config.files).toHaveLength(3);
    expect(globalThis).toHaveProperty('healthdRan');
  });

  test.each([...Object.keys(files), 'a/b/conf.d', 'a/b/alerts.d', 'a/b', 'a', 'a/lib', 'a/node_modules'])(
    '%s given to others: it is refused, and no plugin has run',
    async (path) => {
      const folder = tempFolder(files);
      giveAway(join(folder, path));
      await expect(load(join(folder, 'a/b'))).rejects.toThrow(
        new RegExp(
          `Refusing .*: healthd runs as root, and ${join(folder, path)} (is owned by user 4242|is world-writable)`,
        ),
      );
      expect(globalThis).not.toHaveProperty('healthdRan');
    },
  );

  test('a configuration that is code has not run', async () => {
    const folder = tempFolder({ 'healthd.config.mjs': 'globalThis.healthdRan = true; export default {}' });
    giveAway(join(folder, 'healthd.config.mjs'));
    await expect(load(folder, 'healthd.config.mjs')).rejects.toThrow(/Refusing/);
    expect(globalThis).not.toHaveProperty('healthdRan');
  });

  test('a file that is found, not named, is refused in the same way', async () => {
    const folder = tempFolder({ 'xdg/healthd/healthd.yaml': 'outputs: [discard]' });
    giveAway(join(folder, 'xdg/healthd'));
    const environment = { ...trusted, XDG_CONFIG_HOME: join(folder, 'xdg') };
    const found = loadConfig({ cwd: tempFolder(), environment, registry: builtInPlugins, platform: 'linux', uid: 0 });
    await expect(found).rejects.toThrow(/Refusing/);
  });

  test('it is refused before it is read: its text is in no message', async () => {
    const folder = tempFolder({ 'healthd.yaml': 'nonsense: [unclosed-secret' });
    giveAway(join(folder, 'healthd.yaml'));
    const message = await load(folder).catch((error: unknown) => String(error));
    expect(message).toMatch(/Refusing/);
    expect(message).not.toMatch(/unclosed|nonsense/);
  });

  test('other users than root are not asked', async () => {
    const folder = tempFolder({ 'healthd.yaml': 'outputs: [discard]' });
    chmodSync(join(folder, 'healthd.yaml'), 0o666);
    const settings = { path: 'healthd.yaml', cwd: folder, environment: {}, registry: builtInPlugins, uid: 1000 };
    expect((await loadConfig(settings)).files).toHaveLength(1);
  });
});

describe('H-016: paths', () => {
  const owners = trustedOwners(0, trusted);
  const verdict = (file: string) => readObeyed(file, owners).then(String, (error: unknown) => (error as Error).message);

  test('symbolic links: each folder on the way counts', async () => {
    const folder = tempFolder({ 'good/file': 'good', 'shared/x': '', 'plain/x': '' });
    symlinkSync('../good/file', join(folder, 'shared/link'));
    symlinkSync('shared/link', join(folder, 'first'));
    symlinkSync('good', join(folder, 'folder'));
    expect(await verdict(join(folder, 'first'))).toBe('good');
    expect(await verdict(join(folder, 'folder/file'))).toBe('good');
    giveAway(join(folder, 'shared'));
    expect(await verdict(join(folder, 'first'))).toMatch(/shared (is owned|is world-writable)/);
    expect(await verdict(join(folder, 'folder/file'))).toBe('good');
  });

  (self === 0 ? test : test.skip)('a link that belongs to another user', async () => {
    const folder = tempFolder({ file: 'good' });
    symlinkSync('file', join(folder, 'link'));
    lchownSync(join(folder, 'link'), 4242, 0);
    expect(await verdict(join(folder, 'link'))).toMatch(/link is owned by user 4242/);
  });

  test('a loop of links ends', async () => {
    const folder = tempFolder();
    symlinkSync('b', join(folder, 'a'));
    symlinkSync('a', join(folder, 'b'));
    expect(await verdict(join(folder, 'a'))).toMatch(/too many symbolic links/);
  });

  test('a writable folder is accepted with the sticky bit only; a writable file never', async () => {
    const folder = tempFolder({ 'shared/file': 'good' });
    chmodSync(join(folder, 'shared'), 0o777);
    expect(await verdict(join(folder, 'shared/file'))).toMatch(/shared is world-writable/);
    chmodSync(join(folder, 'shared'), 0o1777);
    expect(await verdict(join(folder, 'shared/file'))).toBe('good');
    for (const mode of [0o602, 0o666, 0o1666]) {
      chmodSync(join(folder, 'shared/file'), mode);
      expect(await verdict(join(folder, 'shared/file'))).toMatch(/file is world-writable/);
    }
  });

  test('a FIFO is not waited for', async () => {
    const pipe = join(tempFolder(), 'pipe');
    spawnSync('mkfifo', [pipe]);
    expect(await verdict(pipe)).toMatch(/not a regular file/);
  });

  test('owners', () => {
    expect(trustedOwners(1000, {})).toBeUndefined();
    expect(trustedOwners(undefined, {})).toBeUndefined();
    expect(trustedOwners(0, {})).toEqual([0]);
    expect(trustedOwners(0, { HEALTHD_CONFIG_OWNER: '1000' })).toEqual([0, 1000]);
    expect(() => trustedOwners(0, { HEALTHD_CONFIG_OWNER: 'bob' })).toThrow(/must be a user id/);
  });
});
