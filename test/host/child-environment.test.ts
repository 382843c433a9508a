import { expect, test } from '@jest/globals';

import { childEnvironment } from '../../src/host/child-environment.ts';

test('H-015: a variable is inherited by name; the entry can replace it', () => {
  const agent = { PATH: '/bin', LC_TIME: 'C', TOKEN: 't', INFLUX_TOKEN: 't', CREDENTIALS_DIRECTORY: '/x', HOME: '/h' };
  expect(childEnvironment(agent, { HOME: '/other', A: 'a' })).toEqual({
    PATH: '/bin',
    LC_TIME: 'C',
    HOME: '/other',
    A: 'a',
  });
  expect(childEnvironment({}, {})).toEqual({});
});
