import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

import { describe, expect, test } from '@jest/globals';

import { crc32c } from '../../../src/outputs/kafka/protocol/crc32c.ts';
import { murmur2 } from '../../../src/outputs/kafka/protocol/murmur2.ts';
import { encodeRecordBatch } from '../../../src/outputs/kafka/protocol/record-batch.ts';
import { authenticate, type Login } from '../../../src/outputs/kafka/protocol/sasl.ts';
import { Reader, Writer } from '../../../src/outputs/kafka/protocol/wire.ts';

test('checksums are those of RFC 3720', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
});

test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('the hash of %s is that of the Java client', (key, hash) => {
  expect(murmur2(Buffer.from(key)) | 0).toBe(hash);
});

test.each([
  [0, '00'],
  [-1, '01'],
  [63, '7e'],
  [-64, '7f'],
  [64, '8001'],
  [300, 'd804'],
  [-2147483648, 'ffffffff0f'],
  [2 ** 45, '80808080808010'],
])('the variable length of %d is %s', (value, bytes) => {
  expect(new Writer(1).varint(value).written.toString('hex')).toBe(bytes);
});

test('nothing is read beyond the end of an answer, nor allocated for it', () => {
  expect(() => new Reader(Buffer.from([0, 9, 65])).string()).toThrow(RangeError);
  expect(() => new Reader(Buffer.from('7fffffff', 'hex')).array((each) => each.int8())).toThrow(RangeError);
  expect(() => new Reader(Buffer.alloc(3)).int32()).toThrow(RangeError);
});

test('a record batch has its length, checksum, count and times', async () => {
  const records = [
    { key: null, value: Buffer.from('one'), timestamp: 1000 },
    { key: Buffer.from('k'), value: Buffer.from('two'), timestamp: 900 },
  ];
  const batch = Buffer.from(await encodeRecordBatch(records, 'gzip'));
  expect(batch.readInt32BE(8)).toBe(batch.length - 12);
  expect(batch[16]).toBe(2);
  expect(batch.readUInt32BE(17)).toBe(crc32c(batch.subarray(21)));
  expect([batch.readInt16BE(21), batch.readInt32BE(23), batch.readInt32BE(57)]).toEqual([1, 1, 2]);
  expect([batch.readBigInt64BE(27), batch.readBigInt64BE(35)]).toEqual([1000n, 1000n]);
  // Length, attributes, time, offset, key, value, headers.
  expect(gunzipSync(batch.subarray(61)).toString('hex')).toBe(
    '120000000106' + '6f6e6500' + '16' + '00c70102026b0674776f00',
  );
});

describe('SCRAM', () => {
  const LOGIN: Login = { mechanism: 'scram-sha-256', username: 'a,b=c', password: 'secret' };

  /** A server that knows the password, or not. */
  function server({ iterations = 4096, password = 'secret', nonce = 'server' } = {}) {
    const received: string[] = [];
    const exchange = (bytes: Buffer): Promise<Buffer> => {
      received.push(bytes.toString());
      const [first = '', final = ''] = received;
      const clientNonce = /r=(.*)$/.exec(first)?.[1] ?? '';
      const challenge = `r=${nonce === '' ? '' : clientNonce}${nonce},s=${btoa('salt')},i=${iterations}`;
      if (received.length === 1) return Promise.resolve(Buffer.from(challenge));
      const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
      const salted = pbkdf2Sync(password, 'salt', iterations, 32, 'sha256');
      const signed = `${first.slice(3)},${challenge},${final.replace(/,p=.*/, '')}`;
      const stored = createHash('sha256').update(hmac(salted, 'Client Key')).digest();
      const proof = Buffer.from(/p=(.*)$/.exec(final)?.[1] ?? '', 'base64');
      const signature = hmac(stored, signed);
      const key = proof.map((byte, index) => byte ^ (signature[index] ?? 0));
      if (password === 'secret') expect(createHash('sha256').update(key).digest()).toEqual(stored);
      return Promise.resolve(Buffer.from(`v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}`));
    };
    return { received, exchange };
  }

  test('proves the password without sending it, and escapes the user name', async () => {
    const { received, exchange } = server();
    await authenticate(LOGIN, exchange);
    expect(received[0]).toMatch(/^n,,n=a=2Cb=3Dc,r=[\w-]{24}$/);
    expect(received.join()).not.toContain('secret');
  });

  test.each([
    [{ password: 'other' }, /does not know the password/],
    [{ iterations: 2 ** 31 }, /its SCRAM challenge is invalid/],
    [{ iterations: 0 }, /its SCRAM challenge is invalid/],
    [{ nonce: '' }, /its SCRAM challenge is invalid/],
  ])('a server with %j is refused', async (settings, text) => {
    await expect(authenticate(LOGIN, server(settings).exchange)).rejects.toThrow(text);
  });
});
