/** The executable for machines without Node. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { expectLive } from './live.ts';
import { AS_NOBODY, packageTest, VERSION, type Workshop } from './workshop.ts';

export function singleFileTests(workshop: Workshop): void {
  packageTest('single file: it works, unpacks once, repairs itself, and trusts no folder of others', async () => {
    const file = join(workshop.readable('single'), 'healthd');
    copyFileSync(workshop.artefact('-linux-x64'), file);
    chmodSync(file, 0o755);
    const outside = workshop.readable('single-live');
    const user = workshop.home('single-home');
    const env = { HOME: user };
    await expectLive({ command: [...AS_NOBODY, file], env, outside, inside: outside, state: join(user, 'state') });

    const unpacked = join(user, '.cache/healthd');
    const [key = ''] = readdirSync(unpacked);
    expect(readdirSync(unpacked)).toEqual([key]);
    const cli = join(unpacked, key, 'dist/cli.js');
    const before = statSync(cli).mtimeMs;
    const healthd = (more: Readonly<Record<string, string>> = {}) =>
      spawnSync(AS_NOBODY[0] ?? '', [...AS_NOBODY.slice(1), file, 'version'], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: user, ...more },
      });
    expect(healthd().stdout).toBe(`${VERSION}\n`);
    expect(statSync(cli).mtimeMs).toBe(before);
    // As after a crash of the machine.
    writeFileSync(cli, '');
    expect(healthd().stdout).toBe(`${VERSION}\n`);
    expect(readdirSync(unpacked)).toEqual([key]);

    const shared = workshop.home('shared');
    chmodSync(shared, 0o777);
    expect(healthd({ HEALTHD_UNPACK_DIR: shared })).toMatchObject({
      status: 2,
      stderr: `healthd: ${shared} is not used, because another user owns it or can write to it; remove it or set HEALTHD_UNPACK_DIR\n`,
    });
    expect(healthd({ HEALTHD_UNPACK_DIR: '/dev/null/healthd' }).stderr).toContain(
      'cannot put the program into /dev/null/healthd',
    );
  });
}
