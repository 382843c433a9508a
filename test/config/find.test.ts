import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect, test } from '@jest/globals';

import { findConfig, searchFolders, type FindSettings } from '../../src/config/find.ts';

import { tempFolder } from './temp-folder.ts';

const self = process.getuid?.() ?? 0;

function settingsFor(cwd: string, environment: Readonly<Record<string, string>> = {}): FindSettings {
  return { cwd, environment, platform: 'linux', owners: undefined };
}

test('the order in which paths, variables and folders are tried', async () => {
  const cwd = tempFolder({
    'named.yaml': 'a: named',
    'variable.yaml': 'a: variable',
    'healthd.json': '{ "a": "json" }',
    'xdg/healthd/healthd.toml': 'a = "xdg"',
  });
  const valueOf = async (settings: Partial<FindSettings>) =>
    (await findConfig({ ...settingsFor(cwd), ...settings }))?.value;
  const HEALTHD_CONFIG = 'variable.yaml';
  expect(await valueOf({ path: 'named.yaml', environment: { HEALTHD_CONFIG } })).toEqual({ a: 'named' });
  expect(await valueOf({ environment: { HEALTHD_CONFIG } })).toEqual({ a: 'variable' });
  expect(await valueOf({ environment: { HEALTHD_CONFIG: '' } })).toEqual({ a: 'json' });
  const XDG_CONFIG_HOME = join(cwd, 'xdg');
  expect(await valueOf({ cwd: tempFolder(), environment: { XDG_CONFIG_HOME } })).toEqual({ a: 'xdg' });
  expect(await valueOf({ cwd: tempFolder() })).toBeUndefined();
});

test('the order of file names in one folder; .healthdrc, package.json and parent folders are ignored', async () => {
  const files = {
    'healthd.yml': 'a: yml',
    'healthd.toml': 'a = "toml"',
    '.healthdrc': 'a: rc',
    'package.json': '{"healthd":{"a":1}}',
  };
  expect((await findConfig(settingsFor(tempFolder(files))))?.value).toEqual({ a: 'yml' });
  const inner = join(
    tempFolder({ ...files, 'inner/.healthdrc': 'a: rc', 'inner/package.json': '{"healthd":{"a":1}}' }),
    'inner',
  );
  expect(await findConfig(settingsFor(inner))).toBeUndefined();
});

test('folders by platform and environment', () => {
  const folders = (platform: NodeJS.Platform, environment: Readonly<Record<string, string>>) =>
    searchFolders({ cwd: '/work', environment, platform });
  expect(folders('linux', { HOME: '/home/a' })).toEqual(['/work', '/home/a/.config/healthd', '/etc/healthd']);
  expect(folders('linux', { HOME: '/home/a', XDG_CONFIG_HOME: '/x' })).toEqual(['/work', '/x/healthd', '/etc/healthd']);
  expect(folders('linux', {})).toEqual(['/work', '/etc/healthd']);
  expect(folders('win32', { ProgramData: 'D:\\data' }).at(-1)).toBe(join('D:\\data', 'healthd'));
});

test('an empty file is an error and is not skipped', async () => {
  const cwd = tempFolder({ 'healthd.yaml': '\n', 'healthd.toml': 'a = 1' });
  await expect(findConfig(settingsFor(cwd))).rejects.toThrow(/healthd\.yaml: The configuration is empty/);
});

test('a folder with the name of a configuration is skipped', async () => {
  const cwd = tempFolder({ 'healthd.toml': 'a = 1' });
  mkdirSync(join(cwd, 'healthd.yaml'));
  expect((await findConfig(settingsFor(cwd)))?.value).toEqual({ a: 1 });
});

const testUnlessRoot = self === 0 ? test.skip : test;
testUnlessRoot('a file without read permission is an error and is not skipped', async () => {
  const cwd = tempFolder({ 'healthd.yaml': 'a: 1' });
  chmodSync(join(cwd, 'healthd.yaml'), 0);
  await expect(findConfig(settingsFor(cwd))).rejects.toThrow(/may not be read by this user \(EACCES\); run this as/);
});

test("cosmiconfig's own configuration in the working directory is not run", () => {
  const cwd = tempFolder({
    '.config/config.js': "require('node:fs').writeFileSync('ran', '')",
    'healthd.yaml': 'agent: { hostname: found }\ninputs: [mem]\n',
  });
  const require = createRequire(import.meta.url);
  const run = (code: string) => {
    const env = { PATH: process.env['PATH'] };
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      cwd,
      env,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };
  const url = (path: string) => JSON.stringify(pathToFileURL(path).href);
  const find = `
    import { createJiti } from ${url(require.resolve('jiti'))};
    const jiti = createJiti(${url(import.meta.filename)}, { fsCache: false });
    const { findConfig } = await jiti.import(${url(join(import.meta.dirname, '../../src/config/find.ts'))});
    const found = await findConfig({ cwd: process.cwd(), environment: {}, platform: 'linux', owners: undefined });
    console.log(found.value.agent.hostname);
  `;
  expect(run(find)).toBe('found\n');
  expect(existsSync(join(cwd, 'ran'))).toBe(false);

  // The trap works: the public function of the package runs it.
  const careless = `
    import { cosmiconfig } from ${url(require.resolve('cosmiconfig'))};
    await cosmiconfig('healthd', { searchPlaces: ['healthd.yaml'] }).search();
  `;
  run(careless);
  expect(existsSync(join(cwd, 'ran'))).toBe(true);
});
