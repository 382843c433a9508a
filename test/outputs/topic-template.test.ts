import { expect, test } from '@jest/globals';

import { filled, templateProblem, topicTemplate } from '../../src/outputs/topic-template.ts';

const METRIC = { name: 'disk', tags: { host: 'a/b', 'mount.point': '/' }, fields: { n: 1 }, time: 1n };

test.each([
  ['{host}-{measurement}/{tag.mount.point}', 'A/B-DISK//'],
  ['{tag.host}{tag.none}', 'A/B_'],
  ['fixed', 'fixed'],
])('%s', (template, expected) => {
  expect(topicTemplate(template, (value) => value.toUpperCase())(METRIC)).toBe(expected);
});

test('a value that looks like a placeholder is not replaced again', () => {
  const metric = { ...METRIC, name: '{host}$&' };
  expect(topicTemplate('{measurement}', (value) => value)(metric)).toBe('{host}$&');
});

test.each([
  ['a/{host}/{tag.x}', undefined],
  ['{name}', 'does not know {name}; there are {host}, {measurement} and {tag.NAME}'],
  ['{tag.}', 'does not know {tag.}; there are {host}, {measurement} and {tag.NAME}'],
  ['a}', 'has a brace without its other half'],
])('what is wrong with %s', (template, problem) => {
  expect(templateProblem(template)).toBe(problem);
});

test('filled puts one value everywhere', () => {
  expect(filled('a.{tag.b.c}.{host}', '*')).toBe('a.*.*');
});
