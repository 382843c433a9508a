/** a rule names a metric as it is called behind the processors. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from '@jest/globals';

import { InvalidConfig } from '../../src/config/problem.ts';
import { loadConfig } from '../../src/config/load.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'healthd-processors-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const OPEN = `import { defineProcessor, z } from 'healthd/plugin';
export default defineProcessor({ name: 'open', summary: 'Any', config: z.strictObject({}), create: () => ({ process: (m) => m }) });
`;

/** @returns what is wrong with a rule on this metric; undefined: nothing */
async function faultOf(processors: string, metric: string): Promise<string | undefined> {
  const path = join(folder, 'healthd.yaml');
  writeFileSync(join(folder, 'open.ts'), OPEN);
  const rule = `{ id: own, metric: ${metric}, above: { warning: 5 } }`;
  writeFileSync(
    path,
    `inputs: [system]\nprocessors: ${processors}\noutputs: [discard]\nalerts: { rules: [${rule}] }\n`,
  );
  try {
    await loadConfig({
      path,
      cwd: folder,
      environment: {},
      registry: builtInPlugins,
      platform: 'linux',
      uid: undefined,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidConfig)) throw error;
    return error.problems[0]?.message;
  }
}

const RENAME = '[{ rename: { replace: [{ measurement: system, dest: host }, { field: load1, dest: load_1m }] } }]';

test.each([
  ['[{ tags: { add: { rack: a1 } } }]', 'system.load1', undefined],
  ['[{ tags: { add: { rack: a1 } } }]', 'system.laod1', 'The measurement "system" has no field "laod1"'],
  [RENAME, 'host.load_1m', undefined],
  [RENAME, 'host.load5', undefined],
  [RENAME, 'host.load_1', 'The measurement "host" has no field "load_1"'],
  ['[{ aggregate: { stats: [max, p95] } }]', 'system.load1_p95', undefined],
  ['[{ aggregate: { stats: [max, p95] } }]', 'system.load1_mean', 'The measurement "system" has no field "load1_mean"'],
  ['[./open.ts]', 'anything.else', undefined],
])('R-013: behind %s, %s', async (processors, metric, fault) => {
  expect(await faultOf(processors, metric)).toBe(fault);
});
