import { expect, test } from '@jest/globals';

import { InOrder } from '../../src/hub/in-order.ts';
import type { HostRecord } from '../../src/hub/records.ts';

test('a message about alerts that comes after a later one of the same process is refused', () => {
  const order = new InOrder();
  const host = { start: 'a' } as HostRecord;
  order.check(host, 1);
  order.check(host, 3);
  for (const late of [2, 3])
    expect(() => {
      order.check(host, late);
    }).toThrow(/later message/);
  host.start = 'b';
  order.check(host, 1);
});
