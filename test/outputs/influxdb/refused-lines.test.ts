import { expect, test } from '@jest/globals';

import { refusedLines } from '../../../src/outputs/influxdb/refused-lines.ts';
import { testBatch } from '../../support/kit/batch.ts';

const LINES = [
  'cpu,host=a value=1i 1000',
  'cpu,host=b value=1.5 1000',
  'cpu,host=c value="x" 2000',
  'mem free=1i 3000',
  'mem free=1i 3000',
];

function refused(text: string, lines: readonly string[] = LINES) {
  return refusedLines({ text, lines: [] }, testBatch(lines));
}

const conflict = (field: string, name: string, type: string, count: number) =>
  `partial write: field type conflict: input field "${field}" on measurement "${name}" is type float, already exists as type ${type} dropped=${count}`;

test('finds quoted lines, including duplicates', () => {
  const text = `partial write: unable to parse '${LINES[1] ?? ''}': bad number\nunable to parse '${LINES[4] ?? ''}': x dropped=0`;
  expect(refused(text)).toEqual([1, 3, 4]);
});

test('a quoted line may contain the end of a quotation', () => {
  const line = `log msg="it's 'odd': very" 5`;
  expect(refused(`unable to parse '${line}': too odd`, [line, ...LINES])).toEqual([0]);
});

test('is undefined if a quoted line is not in the batch', () => {
  const text = `unable to parse '${LINES[1] ?? ''}': x\nunable to parse 'something': y`;
  expect(refused(text)).toBeUndefined();
});

test('is undefined for a conflict beside a line that the server may be unable to parse', () => {
  const text = conflict('value', 'cpu', 'integer', 2);
  expect(refused(text, [...LINES, 'cpu,host=d value=1i 9223372036854775807'])).toBeUndefined();
  expect(refused(text, [...LINES, `cpu,host=${'d'.repeat(20_000)} value=1i 1000`])).toBeUndefined();
  expect(refused(text, [...LINES, 'cpu,host=d value=1i 9223372036854775805'])).toEqual([1, 2]);
});

test('a conflict is about all lines whose field has another type than the stored one', () => {
  expect(refused(conflict('value', 'cpu', 'integer', 2))).toEqual([1, 2]);
  expect(refused(conflict('value', 'cpu', 'float', 2))).toEqual([0, 2]);
  expect(refused(conflict('free', 'mem', 'boolean', 2))).toEqual([3, 4]);
});

test('is undefined for a conflict that does not add up to the count', () => {
  expect(refused(conflict('value', 'cpu', 'integer', 1))).toBeUndefined();
  expect(refused(conflict('value', 'cpu', 'integer', 3))).toBeUndefined();
  expect(refused(conflict('other', 'cpu', 'integer', 1))).toBeUndefined();
});

test('is undefined for a conflict beside a malformed line', () => {
  expect(refused(conflict('value', 'cpu', 'integer', 2), [...LINES, 'broken'])).toBeUndefined();
});

test('names in a conflict may contain quotes and spaces', () => {
  const lines = ['m"\\ x,t=1 v\\ "a=1i 5', 'm"\\ x,t=1 v\\ "a=1 5', ...LINES];
  expect(refused(conflict('v "a', 'm" x', 'integer', 1), lines)).toEqual([1]);
});

test('lines beyond the retention policy are the oldest', () => {
  const text = (count: number) => `partial write: points beyond retention policy dropped=${count}`;
  expect(refused(text(2))).toEqual([0, 1]);
  expect(refused(text(3))).toEqual([0, 1, 2]);
  expect(refused(text(1))).toBeUndefined();
});

test('if the count is the size of the batch, all lines were dropped', () => {
  expect(refused('partial write: whatever dropped=5')).toEqual([0, 1, 2, 3, 4]);
});

test('is undefined for other reasons', () => {
  expect(refused('partial write: max-values-per-tag limit exceeded dropped=2')).toBeUndefined();
  expect(refused('field type conflict')).toBeUndefined();
});

test('numbered lines are counted from 1', () => {
  const lines = [{ line_number: 4 }, { line_number: 2, original_line: 'cpu,host' }];
  expect(refusedLines({ text: '', lines }, testBatch(LINES))).toEqual([1, 3]);
});

test.each([[{ line_number: 0 }], [{ line_number: 6 }], [{ line_number: 1, original_line: 'mem free=1i' }]])(
  'is undefined for a line number that does not match: %j',
  (line) => {
    expect(refusedLines({ text: '', lines: [line] }, testBatch(LINES))).toBeUndefined();
  },
);

test('is undefined for line numbers if a string contains a newline', () => {
  const batch = testBatch(['log msg="two\nlines" 1', 'cpu value=1 1']);
  expect(refusedLines({ text: '', lines: [{ line_number: 2 }] }, batch)).toBeUndefined();
});
