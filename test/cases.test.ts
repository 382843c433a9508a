/** The ids of the cases, and the titles that carry them. `npm run cases` lists the cases without a test. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { casesOf, idsInTitles, readCases, readMentions } from './support/kit/cases.ts';

const root = join(import.meta.dirname, '..');
const cases = readCases(root);
const lettersOf = (id: string) => id.split('-')[0] ?? '';

test('each id is that of one case', () => {
  const ids = cases.map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(0);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  expect(ids.filter((id) => !/^[A-Z]{1,2}-\d{3}$/.test(id))).toEqual([]);
});

test('the letters of an id are those that the README gives to its file', () => {
  const readme = readFileSync(join(root, 'test/cases/README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| \[(\S+)\]\(\1\) +\| `([A-Z]+)-`/gm)].map(([, file, letters]) => [
    file,
    letters,
  ]);
  const found = new Map(cases.map(({ id, file }) => [`${file} ${lettersOf(id)}`, [file, lettersOf(id)]]));
  expect([...found.values()].toSorted()).toEqual(rows.toSorted());
});

test('each item of a list of cases has an id', () => {
  for (const file of new Set(cases.map((one) => one.file))) {
    const document = readFileSync(join(root, 'test/cases', file), 'utf8');
    expect([file, casesOf(file, document).length]).toEqual([file, [...document.matchAll(/^- /gm)].length]);
  }
});

test('each id in the title of a test is that of a case', () => {
  const known = new Set(cases.map(({ id }) => id));
  const mentions = readMentions(root);
  expect(mentions.length).toBeGreaterThan(0);
  expect(mentions.filter(({ id }) => !known.has(id))).toEqual([]);
});

test('ids are read from the beginning of a title, and malformed ones are noticed', () => {
  const X = 'X'; // so that the titles below are none of this file
  expect(idsInTitles(`it('${X}-001: one', …); it.each([…])("${X}-002, ${X}Y-003: %s", …)`)).toEqual([
    `${X}-001`,
    `${X}-002`,
    `${X}Y-003`,
  ]);
  expect(idsInTitles(`it('${X}-1 one', …); it('see ${X}-001: two', …)`)).toEqual([`${X}-1 one`]);
});
