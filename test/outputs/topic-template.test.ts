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
  ['{name}', 'has the unknown placeholder {name}; use {host}, {measurement} or {tag.NAME}'],
  ['{tag.}', 'has the unknown placeholder {tag.}; use {host}, {measurement} or {tag.NAME}'],
  ['a}', 'has an unmatched brace'],
])('validation of %s', (template, problem) => {
  expect(templateProblem(template)).toBe(problem);
});

test('filled replaces every placeholder with the same value', () => {
  expect(filled('a.{tag.b.c}.{host}', '*')).toBe('a.*.*');
});
