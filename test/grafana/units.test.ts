import { expect, test } from '@jest/globals';

import { grafanaUnit } from '../../src/grafana/units.ts';

test.each([
  ['percent', false, 'percent'],
  ['bytes', false, 'bytes'],
  ['bytes', true, 'binBps'],
  ['packets', true, 'pps'],
  ['operations', true, 'iops'],
  ['s', true, 'percentunit'],
  ['us', false, 'µs'],
  ['celsius', false, 'celsius'],
  ['', false, 'none'],
  ['processes', false, 'short'],
  ['metrics', true, 'short'],
] as const)('unit %j (rate: %j) maps to %s', (unit, isRate, expected) => {
  expect(grafanaUnit(unit, isRate)).toBe(expected);
});
