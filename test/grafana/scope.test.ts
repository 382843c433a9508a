import { expect, test } from '@jest/globals';

import { refId } from '../../src/grafana/scope.ts';

test('query ids continue after Z', () => {
  expect([0, 1, 25, 26, 52].map(refId)).toEqual(['A', 'B', 'Z', 'A1', 'A2']);
});
