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

test('quoted lines are found, each with its doubles', () => {
  const text = `partial write: unable to parse '${LINES[1] ?? ''}': bad number\nunable to parse '${LINES[4] ?? ''}': x dropped=0`;
  expect(refused(text)).toEqual([1, 3, 4]);
});

test('a quoted line may hold what ends a quotation', () => {
  const line = `log msg="it's 'odd': very" 5`;
  expect(refused(`unable to parse '${line}': too odd`, [line, ...LINES])).toEqual([0]);
});

test('one quoted line that is not in the batch makes all doubtful', () => {
  const text = `unable to parse '${LINES[1] ?? ''}': x\nunable to parse 'something': y`;
  expect(refused(text)).toBeUndefined();
});

test('a conflict beside a line that the server may not have parsed is doubtful', () => {
  const text = conflict('value', 'cpu', 'integer', 2);
  expect(refused(text, [...LINES, 'cpu,host=d value=1i 9223372036854775807'])).toBeUndefined();
  expect(refused(text, [...LINES, `cpu,host=${'d'.repeat(20_000)} value=1i 1000`])).toBeUndefined();
  expect(refused(text, [...LINES, 'cpu,host=d value=1i 9223372036854775805'])).toEqual([1, 2]);
});

test('a conflict names all lines whose field is of another type than the stored one', () => {
  expect(refused(conflict('value', 'cpu', 'integer', 2))).toEqual([1, 2]);
  expect(refused(conflict('value', 'cpu', 'float', 2))).toEqual([0, 2]);
  expect(refused(conflict('free', 'mem', 'boolean', 2))).toEqual([3, 4]);
});

test('a conflict that does not account for the count is doubtful', () => {
  expect(refused(conflict('value', 'cpu', 'integer', 1))).toBeUndefined();
  expect(refused(conflict('value', 'cpu', 'integer', 3))).toBeUndefined();
  expect(refused(conflict('other', 'cpu', 'integer', 1))).toBeUndefined();
});

test('a conflict beside a line that is not well-formed is doubtful', () => {
  expect(refused(conflict('value', 'cpu', 'integer', 2), [...LINES, 'broken'])).toBeUndefined();
});

test('names in a conflict may hold quotes and spaces', () => {
  const lines = ['m"\\ x,t=1 v\\ "a=1i 5', 'm"\\ x,t=1 v\\ "a=1 5', ...LINES];
  expect(refused(conflict('v "a', 'm" x', 'integer', 1), lines)).toEqual([1]);
});

test('lines beyond the retention policy are the oldest', () => {
  const text = (count: number) => `partial write: points beyond retention policy dropped=${count}`;
  expect(refused(text(2))).toEqual([0, 1]);
  expect(refused(text(3))).toEqual([0, 1, 2]);
  expect(refused(text(1))).toBeUndefined();
});

test('when as many were dropped as there are lines, it was all of them', () => {
  expect(refused('partial write: whatever dropped=5')).toEqual([0, 1, 2, 3, 4]);
});

test('other reasons do not tell which lines', () => {
  expect(refused('partial write: max-values-per-tag limit exceeded dropped=2')).toBeUndefined();
  expect(refused('field type conflict')).toBeUndefined();
});

test('numbered lines are counted from 1', () => {
  const lines = [{ line_number: 4 }, { line_number: 2, original_line: 'cpu,host' }];
  expect(refusedLines({ text: '', lines }, testBatch(LINES))).toEqual([1, 3]);
});

test.each([[{ line_number: 0 }], [{ line_number: 6 }], [{ line_number: 1, original_line: 'mem free=1i' }]])(
  'a number that does not fit is doubtful: %j',
  (line) => {
    expect(refusedLines({ text: '', lines: [line] }, testBatch(LINES))).toBeUndefined();
  },
);

test('numbers mean nothing when a string holds a newline', () => {
  const batch = testBatch(['log msg="two\nlines" 1', 'cpu value=1 1']);
  expect(refusedLines({ text: '', lines: [{ line_number: 2 }] }, batch)).toBeUndefined();
});
