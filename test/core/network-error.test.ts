import { expect, test } from '@jest/globals';

import { networkReason, networkStage } from '../../src/core/network-error.ts';

const REMEDIES = { start: 'start it', trust: 'trust it' };
const coded = (code: string, cause?: unknown) => Object.assign(new Error(`raw ${code}`, { cause }), { code });

test.each([
  ['ECONNREFUSED', 'nothing listens there; start it (ECONNREFUSED)'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed; trust it (DEPTH_ZERO_SELF_SIGNED_CERT)'],
  ['ENOTFOUND', 'the host name cannot be resolved; correct the address (ENOTFOUND)'],
  ['HPE_INVALID_CONSTANT', /is not HTTP \(HPE_INVALID_CONSTANT\)/],
  ['ESOMETHING', 'raw ESOMETHING'],
])('%s is explained', (code, expected) => {
  expect(networkReason(coded(code), REMEDIES)).toMatch(expected);
});

test('the codes of an error and its causes tell how far the request got', () => {
  expect(networkStage(coded('ECONNREFUSED'))).toBe('before_connection');
  expect(networkStage(new Error('fetch failed', { cause: coded('UND_ERR_CONNECT_TIMEOUT') }))).toBe(
    'before_connection',
  );
  expect(networkStage(new Error('fetch failed', { cause: coded('UND_ERR_SOCKET') }))).toBe('after_connection');
  expect(networkStage(coded('ETIMEDOUT'))).toBe('after_connection');
  expect(networkStage(coded('ENOENT'))).toBeUndefined();
  expect(networkStage('text')).toBeUndefined();
  const cyclic = new Error('a');
  cyclic.cause = cyclic;
  expect(networkStage(cyclic)).toBeUndefined();
});
