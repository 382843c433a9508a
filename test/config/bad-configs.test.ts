/**
 * Each file of `fixtures/bad` is an invalid configuration, with the expected messages beside it. Those of `fixtures/bad-alerts`
 * and `fixtures/bad-outputs` use the built-in plugins. UPDATE_GOLDEN=1 rewrites the expectations.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';

import { expect, test } from '@jest/globals';

import { loadConfig } from '../../src/config/load.ts';
import { formatProblems, InvalidConfig } from '../../src/config/problem.ts';

import { builtInPlugins } from '../../src/registry/registry.ts';

import { fakeRegistry } from './fake-plugins.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const REGISTRIES = { bad: fakeRegistry, 'bad-alerts': builtInPlugins, 'bad-outputs': builtInPlugins } as const;
const environment = { TOKEN: 'sesame-open' };
const files = (['bad', 'bad-alerts', 'bad-outputs'] as const).flatMap((folder) =>
  readdirSync(join(fixtures, folder))
    .filter((name) => extname(name) !== '.txt')
    .map((name) => [folder, name] as const),
);

async function problemsOf(folder: keyof typeof REGISTRIES, file: string): Promise<InvalidConfig> {
  try {
    await loadConfig({ path: file, cwd: join(fixtures, folder), environment, registry: REGISTRIES[folder] });
  } catch (error) {
    if (error instanceof InvalidConfig) return error;
    throw error;
  }
  throw new Error(`${file} was accepted`);
}

test.each(files)('%s/%s', async (folder, file) => {
  const { problems, message } = await problemsOf(folder, file);
  const place = join(fixtures, folder);
  const text = `${formatProblems(problems).replaceAll(`${place}/`, '').replaceAll(place, '.')}\n`;
  const expected = join(place, `${file}.txt`);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, text);
  expect(text).toBe(readFileSync(expected, 'utf8'));
  expect(message.split('\n')).toHaveLength(problems.length);
  expect(text + message).not.toMatch(/sesame|plain-secret|hunter2|123456789/);
});

test('colours only add escape sequences to the plain text', async () => {
  const { problems } = await problemsOf('bad', 'unknown-option.yaml');
  const colored = formatProblems(problems, { color: true });
  expect(colored).not.toBe(formatProblems(problems));
  expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(formatProblems(problems));
});

test('R-012: mistakes of form hide neither unknown names nor values that do not fit', async () => {
  const { problems } = await problemsOf('bad-alerts', 'all-at-once.yaml');
  const messages = problems.map(({ message }) => message);
  for (const part of [
    'Unknown option "cleer"',
    'has no field "usage_idel"',
    'must be a duration, but is the number 5',
    '"clear" (95) is above the threshold (90)',
    'item 4 of "rules" must be a mapping',
    'The option "at" is missing',
    'no notifier named "taem"',
    'no rule "valuse"',
    'This is not a time',
  ]) {
    expect(messages).toContainEqual(expect.stringContaining(part));
  }
  // Nothing that only follows from what the mistakes leave out.
  expect(messages).toHaveLength(17);
});

test('C-029: a configuration of Telegraf is recognised; one error says where to begin', async () => {
  const { problems } = await problemsOf('bad', 'telegraf.toml');
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({
    message: 'This is a configuration of Telegraf, with [[inputs.cpu]]; healthd has a form of its own',
    hint: expect.stringMatching(/^begin with: inputs = \["cpu", "mem"\] and "healthd config sample"/),
  });
});

test('C-030: names of Telegraf are answered with those of healthd', async () => {
  const { problems } = await problemsOf('bad', 'telegraf-names.toml');
  const hints = Object.fromEntries(problems.map(({ path, hint }) => [path, hint]));
  expect(hints).toMatchObject({
    global_tags: 'healthd has agent.tags',
    'agent.metric_batch_size': 'healthd calls it batch_lines',
    'agent.metric_buffer_limit': expect.stringContaining('journal.max_bytes'),
    'outputs.0.console.metric_batch_size': 'healthd calls it batch_lines',
    'outputs.0.console.tagexclude': 'write tag_keys: { drop: [keys] }',
    'inputs.1.cpu.namepass': 'write only: [names]',
    'inputs.1.cpu.collection_jitter': 'healthd calls it jitter',
  });
  expect(problems).toHaveLength(9);
});

test('U-015: a section that is a mapping is answered with the list that works', async () => {
  const { problems } = await problemsOf('bad', 'inputs-as-mapping.yaml');
  expect(problems.map(({ hint }) => hint)).toEqual([
    'write a list: "- cpu", "- exec: { … }"',
    'write a list: "- console"',
  ]);
});

test('U-018: a "when" of plain text is answered with the form that works', async () => {
  const { problems } = await problemsOf('bad-alerts', 'when-as-text.yaml');
  expect(problems[0]?.hint).toBe(
    "write when: { warning: 'cpu.usage_user > 90 || mem.state == ''bad''' }, with a level: info, warning or critical",
  );
});
