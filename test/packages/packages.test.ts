/** Everything that `npm run release` makes, installed and at work as an unprivileged user. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { expect } from '@jest/globals';

import { debTests } from './deb.ts';
import { imageTests } from './image.ts';
import { nodeTests, npmTests } from './npm.ts';
import { rpmTests } from './rpm.ts';
import { singleFileTests } from './single-file.ts';
import { createWorkshop, packageTest } from './workshop.ts';

const workshop = createWorkshop();

packageTest('every file has its checksum, and the list of what is inside names libraries and Node', () => {
  const sums = workshop.artefact('SHA256SUMS');
  expect(spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: dirname(sums) }).status).toBe(0);
  expect(readFileSync(sums, 'utf8').trim().split('\n')).toHaveLength(5);
  const { components } = JSON.parse(readFileSync(workshop.artefact('.cdx.json'), 'utf8')) as {
    readonly components: readonly { readonly name: string; readonly version: string }[];
  };
  const names = components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['libsql', 'dockerode', 'yaml', 'zod', 'preact', 'node']));
  expect(names).not.toContain('jest');
});

npmTests(workshop);
debTests(workshop);
rpmTests(workshop);
singleFileTests(workshop);
imageTests(workshop);
nodeTests(workshop, ['22', '24', '26']);
