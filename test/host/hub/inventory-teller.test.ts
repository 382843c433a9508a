/** When a hub is told the inventory. */
import { expect, test } from '@jest/globals';

import type { InventoryReport } from '../../../src/api/inventory-report.ts';
import { InventoryTeller } from '../../../src/host/hub/inventory-teller.ts';
import { manualClock } from '../../../src/testing.ts';

const MINUTE = 60_000;

test('after a sign-in, on a change, once a day; an hour after a refusal', async () => {
  const clock = manualClock();
  let kernel = '1';
  const told: string[] = [];
  let isRefused = false;
  const teller = new InventoryTeller({ inventory: () => Promise.resolve({ kernel } as InventoryReport), clock });
  const look = async (ms: number) => {
    clock.advance(ms);
    await teller.tellIfDue((report) => {
      if (isRefused) return Promise.reject(new Error('no such route'));
      told.push(report.kernel);
      return Promise.resolve();
    });
  };
  await look(0);
  await look(MINUTE);
  expect(told).toEqual(['1']);
  kernel = '2';
  await look(MINUTE - 1);
  expect(told).toEqual(['1']);
  await look(1);
  expect(told).toEqual(['1', '2']);
  await look(86_400_000);
  expect(told).toEqual(['1', '2', '2']);
  teller.forget();
  await look(0);
  expect(told).toHaveLength(4);
  isRefused = true;
  kernel = '3';
  await expect(look(MINUTE)).rejects.toThrow('no such route');
  isRefused = false;
  await look(59 * MINUTE);
  expect(told).toHaveLength(4);
  await look(MINUTE);
  expect(told.at(-1)).toBe('3');
});
