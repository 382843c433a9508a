/** Each file of `fixtures/bad` has a flaw, and beside it the text that it must lead to. UPDATE_GOLDEN=1 writes it anew. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';

import { expect, test } from '@jest/globals';

import { loadConfig } from '../../src/config/load.ts';
import { formatProblems, InvalidConfig } from '../../src/config/problem.ts';

import { fakeRegistry } from './fake-plugins.ts';

const folder = join(import.meta.dirname, 'fixtures', 'bad');
const environment = { TOKEN: 'sesame-open' };
const files = readdirSync(folder).filter((name) => extname(name) !== '.txt');

async function problemsOf(file: string): Promise<InvalidConfig> {
  try {
    await loadConfig({ path: file, cwd: folder, environment, registry: fakeRegistry });
  } catch (error) {
    if (error instanceof InvalidConfig) return error;
    throw error;
  }
  throw new Error(`${file} was accepted`);
}

test.each(files)('%s', async (file) => {
  const { problems, message } = await problemsOf(file);
  const text = `${formatProblems(problems).replaceAll(`${folder}/`, '').replaceAll(folder, '.')}\n`;
  const expected = join(folder, `${file}.txt`);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, text);
  expect(text).toBe(readFileSync(expected, 'utf8'));
  expect(message.split('\n')).toHaveLength(problems.length);
  expect(text + message).not.toMatch(/sesame|plain-secret|hunter2|123456789/);
});

test('colours are only added around the plain text', async () => {
  const { problems } = await problemsOf('unknown-option.yaml');
  const colored = formatProblems(problems, { color: true });
  expect(colored).not.toBe(formatProblems(problems));
  expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(formatProblems(problems));
});
