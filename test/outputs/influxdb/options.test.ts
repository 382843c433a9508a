import { expect, test } from '@jest/globals';

import { influxdb } from '../../../src/outputs/influxdb/index.ts';

test('the defaults', () => {
  expect(influxdb.config.parse({ bucket: 'b' })).toEqual({
    bucket: 'b',
    skip_database_creation: false,
    request_timeout: 10_000,
    content_encoding: 'gzip',
    headers: {},
    tls: { insecure_skip_verify: false },
  });
});

const wrong: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ['neither bucket nor database', {}, /bucket.*give bucket \(InfluxDB 2 and 3\) or database/s],
  ['bucket and database', { bucket: 'b', database: 'd' }, /database.*not both/s],
  ['url and urls', { bucket: 'b', url: 'http://a', urls: ['http://b'] }, /give url or urls, not both/],
  ['no urls', { bucket: 'b', urls: [] }, /urls/],
  ['org of a database', { database: 'd', org: 'o' }, /requires bucket; InfluxDB 1 has no organizations/],
  [
    'retention policy of a bucket',
    { bucket: 'b', retention_policy: 'r' },
    /requires database; a bucket has only one retention policy/,
  ],
  ['token and user', { bucket: 'b', token: 't', username: 'u' }, /not both/],
  ['password alone', { database: 'd', password: 'p' }, /is missing; password requires it/],
  ['certificate without key', { bucket: 'b', tls: { cert: 'c' } }, /cert and key together/],
  ['no url', { bucket: 'b', url: 'localhost' }, /is not a URL/],
  ['a scheme of another kind', { bucket: 'b', url: 'localhost:8086' }, /must begin with http/],
  ['the path of the API', { bucket: 'b', url: 'http://a/api/v2/write' }, /without the API path/],
  ['a query', { bucket: 'b', url: 'http://a/?db=x' }, /must not have a query/],
  ['an invalid header name', { bucket: 'b', headers: { 'a b': 'c' } }, /headers/],
];
test.each(wrong)('%s is rejected', (_, options, message) => {
  expect(() => influxdb.config.parse(options)).toThrow(message);
});

test('an error does not quote the url, which may contain a password', () => {
  const parsed = influxdb.config.safeParse({ bucket: 'b', url: 'ftp://joe:hidden@host' });
  expect(parsed.error?.message).toMatch(/must begin with http/);
  expect(parsed.error?.message).not.toMatch(/hidden/);
});
