import { expect, test } from '@jest/globals';

import { defineConfig } from '../../src/config/define-config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblems, InvalidConfig } from '../../src/config/problem.ts';
import { fakeRegistry } from './fake-plugins.ts';
import { tempFolder } from './temp-folder.ts';

const load = (text: string) => {
  const cwd = tempFolder({ 'healthd.config.ts': text });
  return loadConfig({ cwd, environment: {}, registry: fakeRegistry, platform: 'linux', uid: 1000 });
};

async function problemsOf(text: string): Promise<string> {
  const error: unknown = await load(text).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof InvalidConfig)) throw new Error(`expected InvalidConfig, got ${String(error)}`);
  return formatProblems(error.problems).replace(/\S*\/(?=healthd\.config)/g, '');
}

test('U-017: healthd.config.ts imports defineConfig from healthd', async () => {
  const { inputs } = await load(`import { defineConfig } from 'healthd';
export default defineConfig({ inputs: ['mem', { cpu: { percpu: false } }] });
`);
  expect(inputs.map(({ alias }) => alias)).toEqual(['mem', 'cpu']);
});

test('U-017: its types know the sections and the keys of entries', () => {
  defineConfig({ agent: { interval: '5s' }, inputs: ['cpu', { cpu: { percpu: false, interval: '1s' } }] });
  // @ts-expect-error -- a section that does not exist
  defineConfig({ input: ['cpu'] });
  // @ts-expect-error -- an interval is text
  defineConfig({ inputs: [{ cpu: { interval: 5 } }] });
  // @ts-expect-error -- a setting that does not exist
  expect(defineConfig({ agent: { intervall: '5s' } })).toEqual({ agent: { intervall: '5s' } });
});

test('U-017: its errors have a line and a caret where the key or the text is written once', async () => {
  expect(
    await problemsOf(`const every = '1s';
export default {
  inputs: ['memm', { cpu: { percup: true, interval: every } }],
};
`),
  ).toBe(`healthd.config.ts:3:12: There is no input named "memm"
 3 |   inputs: ['memm', { cpu: { percup: true, interval: every } }],
   |            ^^^^^^
   = did you mean "mem"?

healthd.config.ts:3:29: Unknown option "percup"
 3 |   inputs: ['memm', { cpu: { percup: true, interval: every } }],
   |                             ^^^^^^
   = did you mean "percpu"?`);
});

test('U-017: elsewhere its errors have the path of the value', async () => {
  expect(
    await problemsOf("const options = { ['per' + 'cup']: true };\nexport default { inputs: [{ cpu: options }] };\n"),
  ).toMatch(/^healthd\.config\.ts:2:29: Unknown option "percup"\n/);
  expect(await problemsOf("const one = { ['c' + 'p']: {} };\nexport default { ['inp' + 'uts']: [one] };\n")).toMatch(
    /^healthd\.config\.ts \(inputs\.0\.cp\): There is no input named "cp"\n/,
  );
});
