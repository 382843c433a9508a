import { expect, test } from '@jest/globals';

import { ConfigError } from '../../src/core/errors.ts';
import { optionalPackage } from '../../src/plugin/optional-package.ts';

test('returns the package, or says what to install', async () => {
  expect(await optionalPackage('x', () => Promise.resolve({ answer: 42 }))).toEqual({ answer: 42 });
  const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  const failure = optionalPackage('mqtt', () => Promise.reject(missing));
  await expect(failure).rejects.toBeInstanceOf(ConfigError);
  await expect(failure).rejects.toThrow(
    'The package mqtt is not installed; run "npm install mqtt" in the folder of healthd',
  );
  const broken = new Error('a syntax error in it');
  await expect(optionalPackage('mqtt', () => Promise.reject(broken))).rejects.toBe(broken);
});
