import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-upgrade-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('U-007: a reload after an upgrade in place says that healthd was replaced and wants a restart', async () => {
  const installed = join(folder, 'healthd');
  mkdirSync(installed);
  cpSync(join(root, 'dist'), join(installed, 'dist'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'));
  const description = readFileSync(join(root, 'package.json'), 'utf8');
  writeFileSync(join(installed, 'package.json'), description);
  writeFileSync(join(folder, 'healthd.yaml'), 'inputs: [mem]\noutputs: [discard]\n');

  const child = spawn(process.execPath, [join(installed, 'dist/cli.js'), 'run'], {
    cwd: folder,
    env: { STATE_DIRECTORY: folder, HEALTHD_CONFIG_OWNER: String(process.getuid?.() ?? 0) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const until = async (text: string) => {
    for (let waited = 0; !stderr.includes(text); waited += 20) {
      if (waited >= 10_000) throw new Error(`No "${text}" in:\n${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await until('Started');
  child.kill('SIGHUP');
  await until('Reloaded');
  expect(stderr).not.toContain('was replaced');

  const { version } = JSON.parse(description) as { readonly version: string };
  writeFileSync(join(installed, 'new.json'), description.replace(`"version": "${version}"`, '"version": "9.9.9"'));
  renameSync(join(installed, 'new.json'), join(installed, 'package.json'));
  child.kill('SIGHUP');
  await until(`healthd ${version} was replaced by version 9.9.9 while it runs; restart it`);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});
