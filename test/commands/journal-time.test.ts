import { expect, test } from '@jest/globals';

import { parseSpan, parseTime, parseTimeAhead } from '../../src/commands/time.ts';
import { ConfigError } from '../../src/core/errors.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

test.each([
  ['2h', '2026-03-01T10:00:00.000000000Z'],
  ['1m30s', '2026-03-01T11:58:30.000000000Z'],
  ['2026-01-31T08:00:00Z', '2026-01-31T08:00:00.000000000Z'],
  ['2026-01-31T08:00Z', '2026-01-31T08:00:00.000000000Z'],
  ['2026-01-31 08:00:00+02:00', '2026-01-31T06:00:00.000000000Z'],
  ['2026-01-31T08:00:00-0530', '2026-01-31T13:30:00.000000000Z'],
  ['2026-01-31T08:00:00.123456789Z', '2026-01-31T08:00:00.123456789Z'],
  ['2026-01-31T08:00:00,5z', '2026-01-31T08:00:00.500000000Z'],
  ['2026-01-31Z', '2026-01-31T00:00:00.000000000Z'],
  ['1769846400', '2026-01-31T08:00:00.000000000Z'],
  ['1769846400123', '2026-01-31T08:00:00.123000000Z'],
  ['1769846400123456', '2026-01-31T08:00:00.123456000Z'],
  ['1769846400123456789', '2026-01-31T08:00:00.123456789Z'],
  [' 1769846400 ', '2026-01-31T08:00:00.000000000Z'],
  ['0', '1970-01-01T00:00:00.000000000Z'],
])('%s is %s', (text, expected) => {
  expect(isoOf(parseTime(text, NOW))).toBe(expected);
});

test.each([
  ['2026-01-31', '2026-01-31T00:00:00'],
  ['2026-07-31 08:15', '2026-07-31T08:15:00'],
  ['2026-07-31T08:15:01', '2026-07-31T08:15:01'],
])('%s, without a zone, is local time', (text, local) => {
  expect(parseTime(text, NOW)).toBe(BigInt(new Date(local).getTime()) * 1_000_000n);
});

test.each([
  '',
  'yesterday',
  '30',
  '1e9',
  '-5',
  '1.5',
  '2h ago',
  '2026-02-30',
  '2026-13-01',
  '2026-01-31T25:00Z',
  '2026-01-31T08:00:00.1234567891Z',
  '26-01-31',
])('"%s" is refused with examples of valid times', (text) => {
  expect(() => parseTime(text, NOW)).toThrow(ConfigError);
  expect(() => parseTime(text, NOW)).toThrow(/is not a time; write 2h/);
});

test('a span may be open at either end', () => {
  const hour = parseTime('1h', NOW);
  expect(parseSpan({}, NOW)).toEqual({ from: undefined, to: undefined });
  expect(parseSpan({ from: '1h' }, NOW)).toEqual({ from: hour, to: undefined });
  expect(parseSpan({ to: '1h' }, NOW)).toEqual({ from: undefined, to: hour });
});

test('a span that ends before it starts is refused', () => {
  expect(() => parseSpan({ from: '1h', to: '2h' }, NOW)).toThrow('--from 1h is not before --to 2h');
  expect(() => parseSpan({ from: '1h', to: '60m' }, NOW)).toThrow(ConfigError);
});

function isoOf(time: bigint): string {
  const seconds = new Date(Number(time / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(time % 1_000_000_000n).padStart(9, '0')}Z`;
}

test('R-021: a time of the day is the next one, local; a duration counts from now', () => {
  const now = new Date(2026, 2, 1, 12, 0).getTime();
  expect(parseTimeAhead('22:00', now)).toBe(new Date(2026, 2, 1, 22, 0).getTime());
  expect(parseTimeAhead('12:00', now)).toBe(new Date(2026, 2, 2, 12, 0).getTime());
  expect(parseTimeAhead(' 8:30 ', now)).toBe(new Date(2026, 2, 2, 8, 30).getTime());
  expect(parseTimeAhead('2h', now)).toBe(now + 7_200_000);
  expect(parseTimeAhead('2026-01-31T08:00:00Z', now)).toBe(Date.parse('2026-01-31T08:00:00Z'));
  for (const wrong of ['24:00', '8:60', 'noon', ''])
    expect(() => parseTimeAhead(wrong, now)).toThrow(/22:00, 2h for in/);
});
