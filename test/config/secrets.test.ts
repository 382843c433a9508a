import { expect, test } from '@jest/globals';

import { createSecrets } from '../../src/config/secrets.ts';
import { z } from '../../src/plugin/index.ts';

test('the schema is inspected only for a text that contains a value of some option', () => {
  let inspected = 0;
  const use = {
    path: ['outputs', 0, 'db'],
    options: { token: 'hunter2', name: 'plain', url: 'http://u:opensesame@h' },
    get schema() {
      inspected += 1;
      return z.strictObject({ token: z.string().meta({ secret: true }), name: z.string(), url: z.string() });
    },
  };
  const secrets = createSecrets([], [use]);
  expect(secrets.redact('Started')).toBe('Started');
  expect(secrets.redact('at ftp://a:b@c')).toBe('at ftp://a:<secret>@c');
  expect(inspected).toBe(0);
  expect(secrets.redact('plain hunter2 opensesame')).toBe('plain <secret> <secret>');
  expect(secrets.mask('hunter2')).toBe('*******');
  expect(inspected).toBeGreaterThan(0);
});
