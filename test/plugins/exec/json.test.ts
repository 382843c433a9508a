import { expect, test } from '@jest/globals';

import { atOnce } from '../../../src/core/turns.ts';
import { parseJson } from '../../../src/plugins/exec/json.ts';

const RULES = { name: 'x', nameKey: '', isTag: () => false, isStringField: () => true };

test('a long key above many values is refused, instead of repeated for each of them', () => {
  const values = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`v${index}`, index]));
  const text = JSON.stringify([{ ['k'.repeat(500_000)]: values }, { ok: 1 }]);
  const { metrics, errors } = atOnce(parseJson(text, RULES, 10));
  expect(metrics).toEqual([{ name: 'x', tags: {}, fields: { ok: 1 } }]);
  expect(errors).toEqual([`item 0: a key has more than 1000 characters: ${'k'.repeat(40)}…`]);
});
