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
  ['org of a database', { database: 'd', org: 'o' }, /goes with bucket/],
  ['retention policy of a bucket', { bucket: 'b', retention_policy: 'r' }, /goes with database/],
  ['token and user', { bucket: 'b', token: 't', username: 'u' }, /not both/],
  ['password alone', { database: 'd', password: 'p' }, /a password goes with it/],
  ['certificate without key', { bucket: 'b', tls: { cert: 'c' } }, /cert and key together/],
  ['no url', { bucket: 'b', url: 'localhost' }, /is not a URL/],
  ['a scheme of another kind', { bucket: 'b', url: 'localhost:8086' }, /must begin with http/],
  ['the path of the API', { bucket: 'b', url: 'http://a/api/v2/write' }, /without the path of its API/],
  ['a query', { bucket: 'b', url: 'http://a/?db=x' }, /must end before/],
  ['a header name that is none', { bucket: 'b', headers: { 'a b': 'c' } }, /headers/],
];
test.each(wrong)('%s is refused', (_, options, message) => {
  expect(() => influxdb.config.parse(options)).toThrow(message);
});

test('a refused url is not repeated, because it may hold a password', () => {
  const parsed = influxdb.config.safeParse({ bucket: 'b', url: 'ftp://joe:hidden@host' });
  expect(parsed.error?.message).toMatch(/must begin with http/);
  expect(parsed.error?.message).not.toMatch(/hidden/);
});
