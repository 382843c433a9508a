import { expect, test } from '@jest/globals';

import { describeStoreError, isDamage, sqliteCode } from '../../../src/host/sqlite/sqlite-error.ts';
import { isCorrupt } from '../../../src/history/store/open.ts';

const thrown = (code: string) => Object.assign(new Error('database disk image is malformed'), { code });

test('an extended code that the package has no name for is one of its primary code', () => {
  const index = thrown('UNKNOWN_SQLITE_ERROR_779');
  expect(sqliteCode(index)).toBe('SQLITE_CORRUPT_779');
  expect([isCorrupt(index), isDamage(index)]).toEqual([true, true]);
  expect(describeStoreError(index)).toBe('database disk image is malformed (SQLITE_CORRUPT_779)');
  expect(isCorrupt(thrown('UNKNOWN_SQLITE_ERROR_3850'))).toBe(false);
});

test('codes with a name stay, and other errors have none', () => {
  expect(sqliteCode(thrown('SQLITE_NOTADB'))).toBe('SQLITE_NOTADB');
  expect(sqliteCode(thrown('ENOENT'))).toBe('');
  expect(sqliteCode(new Error('x'))).toBe('');
});
