import { expect, test } from '@jest/globals';

import { createSecrets } from '../../src/config/secrets.ts';
import { z } from '../../src/plugin/index.ts';

test('the schema is asked only about a text in which something of the options occurs', () => {
  let asked = 0;
  const use = {
    path: ['outputs', 0, 'db'],
    options: { token: 'hunter2', name: 'plain', url: 'http://u:opensesame@h' },
    get schema() {
      asked += 1;
      return z.strictObject({ token: z.string().meta({ secret: true }), name: z.string(), url: z.string() });
    },
  };
  const secrets = createSecrets([], [use]);
  expect(secrets.redact('Started')).toBe('Started');
  expect(secrets.redact('at ftp://a:b@c')).toBe('at ftp://a:<secret>@c');
  expect(asked).toBe(0);
  expect(secrets.redact('plain hunter2 opensesame')).toBe('plain <secret> <secret>');
  expect(secrets.mask('hunter2')).toBe('*******');
  expect(asked).toBeGreaterThan(0);
});
