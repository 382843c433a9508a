import { chmodSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { PageRules } from '../../src/commands/page-rules.ts';
import { loadConfig, type DraftFile, type LoadedConfig } from '../../src/config/load.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';
import { tempFolder } from '../config/temp-folder.ts';

const MAIN = 'inputs: [cpu, mem, disk]\noutputs: [discard]\n';
const DRAFT = { id: 'var_full', metric: 'disk.used_percent', direction: 'above', warning: '85%' } as const;

async function open(files: Readonly<Record<string, string>>, reload: () => Promise<unknown> = () => Promise.resolve()) {
  const cwd = tempFolder(files);
  const read = (draft?: DraftFile) => loadConfig({ cwd, environment: {}, registry: builtInPlugins, draft });
  let config: LoadedConfig = await read();
  const rules = new PageRules({
    read,
    config: () => config,
    reload: async () => {
      await reload();
      config = await read();
    },
  });
  return { rules, file: join(cwd, 'alerts.d', 'page.yaml'), cwd, config: () => config };
}

test('a threshold is written, reloaded and can be changed', async () => {
  const { rules, file, config } = await open({ 'healthd.yaml': MAIN });
  expect(await rules.check(DRAFT)).toMatchObject({ problems: [], place: { file }, rule: { id: 'var_full' } });
  expect(existsSync(file)).toBe(false);
  expect(await rules.write(DRAFT)).toBe(file);
  expect(config().alerts.rules.find(({ id }) => id === 'var_full')?.thresholds.warning?.at).toBe(85);
  await rules.write({ ...DRAFT, warning: '90%' });
  expect(config().alerts.rules.filter(({ id }) => id === 'var_full')).toHaveLength(1);
  expect(readFileSync(file, 'utf8')).toContain('warning: 90%');
  expect(existsSync(join(file, '..', '.page.yaml.new'))).toBe(false);
});

test.each([
  ['metric', { ...DRAFT, metric: 'disk.usedpercent' }, 'used_percent'],
  ['warning', { ...DRAFT, warning: 'much' }, ''],
  ['for', { ...DRAFT, for: 'soon' }, ''],
  ['id', { ...DRAFT, id: '9 lives' }, 'letter'],
  ['id', { ...DRAFT, id: 'mem_low' }, 'exists'],
  ['id', { id: 'no_such', direction: 'above', warning: '3' } as const, 'no stock rule'],
])('what is wrong stands at its field: %s', async (field, draft, text) => {
  const { rules, file } = await open({ 'healthd.yaml': MAIN });
  const { problems, rule } = await rules.check(draft);
  expect(problems[0]).toMatchObject({ field, message: expect.stringContaining(text) as unknown });
  expect(rule).toBeUndefined();
  await expect(rules.write(draft)).rejects.toThrow(problems[0]?.message);
  expect(existsSync(file)).toBe(false);
});

test('a rule without limits is a problem of the whole rule', async () => {
  const { rules } = await open({ 'healthd.yaml': MAIN });
  const { problems } = await rules.check({ id: 'x', metric: 'disk.used_percent', direction: 'above' });
  expect(problems).toHaveLength(1);
  expect(problems[0]?.field).toBeUndefined();
});

test('a reload that fails leaves the file as it was', async () => {
  const refuse = () => Promise.reject(new Error('the output refuses'));
  const { rules, file } = await open({ 'healthd.yaml': MAIN }, refuse);
  await expect(rules.write(DRAFT)).rejects.toThrow('the output refuses');
  expect(existsSync(file)).toBe(false);
  const before = 'rules:\n  - override: mem_low\n    for: 1m\n';
  const other = await open({ 'healthd.yaml': MAIN, 'alerts.d/page.yaml': before }, refuse);
  await expect(other.rules.write(DRAFT)).rejects.toThrow('the output refuses');
  expect(readFileSync(other.file, 'utf8')).toBe(before);
});

test('two at a time are both written', async () => {
  const { rules, file } = await open({ 'healthd.yaml': MAIN });
  await Promise.all([rules.write(DRAFT), rules.write({ ...DRAFT, id: 'tmp_full' })]);
  expect(readFileSync(file, 'utf8').match(/id: /g)).toHaveLength(2);
});

test('where nothing can be written it says why, and the rule can still be tried', async () => {
  const none = await open({});
  expect(await none.rules.check(DRAFT)).toMatchObject({
    problems: [],
    rule: { id: 'var_full' },
    place: { readOnly: 'healthd runs without a configuration file' },
  });
  await expect(none.rules.write(DRAFT)).rejects.toThrow('without a configuration file');
  const linked = await open({ 'healthd.yaml': MAIN, 'alerts.d/x.yaml': '', 'elsewhere.yaml': 'rules: []' });
  symlinkSync(join(linked.cwd, 'elsewhere.yaml'), linked.file);
  expect((await linked.rules.check(DRAFT)).place).toMatchObject({
    readOnly: expect.stringContaining('is a link') as unknown,
  });
});

const isRoot = process.getuid?.() === 0;
(isRoot ? test.skip : test)('a folder that may not be written', async () => {
  const { rules, cwd } = await open({ 'healthd.yaml': MAIN, 'alerts.d/x.yaml': '' });
  chmodSync(join(cwd, 'alerts.d'), 0o550);
  const { place } = await rules.check(DRAFT);
  chmodSync(join(cwd, 'alerts.d'), 0o750);
  expect(place).toMatchObject({ readOnly: expect.stringContaining('EACCES') as unknown });
});
