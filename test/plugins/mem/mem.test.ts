import { expect, test } from '@jest/globals';

import { mem } from '../../../src/plugins/mem/index.ts';
import { testInput } from '../../../src/testing.ts';
import { goldenFolders } from '../../support/golden/golden.ts';

goldenFolders(mem);

test('the portable provider agrees with the native one', async () => {
  const native = await testInput(mem, { provider: 'native' });
  const portable = await testInput(mem, { provider: 'portable' });
  const [a, b] = [await native.gather(), await portable.gather()].map(({ metrics }) => metrics[0]?.fields);
  expect(b?.['total']).toBe(a?.['total']);
  const [x, y] = [a, b].map((fields) => Number(fields?.['available']));
  expect(Math.abs((x ?? 0) - (y ?? 0))).toBeLessThan(Number(a?.['total']) / 10);
  await Promise.all([native.stop(), portable.stop()]);
});
