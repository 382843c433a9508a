import { expect, test } from '@jest/globals';

import { schema } from '../../../src/plugins/prometheus/options.ts';
import { tagOf } from '../../../src/plugins/prometheus/target-tag.ts';

const tag = (url: string) => tagOf(new URL(url));

test('H-012: no credential of a scraped URL becomes a tag', () => {
  for (const url of [
    'http://h/metrics?token=S3CRET',
    'http://h/metrics?S3CRET',
    'http://h/metrics?S3CRET==',
    'http://S3CRET:S3CRET@h/metrics',
    'http://h/probe?target=https%3A%2F%2Fu%3AS3CRET%40x%2Fy%3Fkey%3DS3CRET&module=http_2xx',
    'http://h/metrics#S3CRET',
  ])
    expect(tag(url)).not.toContain('S3CRET');
  expect(tag('http://h/metrics?token=S3CRET&module=a')).toBe('http://h/metrics?token=***&module=a');
});

test('what tells targets apart stays', () => {
  expect(tag('http://h:9100/metrics')).toBe('http://h:9100/metrics');
  expect(tag('http://h/probe?module=icmp&target=10.0.0.1')).toBe('http://h/probe?module=icmp&target=10.0.0.1');
  expect(decodeURIComponent(tag('http://h/probe?target=https://a/b'))).toBe('http://h/probe?target=https://a/b');
});

test('H-012: URLs that would share a tag are refused', () => {
  const urls = ['http://h/m?shard=1', 'http://h/m?shard=2'];
  expect(schema.safeParse({ urls }).error?.issues[0]?.message).toMatch(/the same tag/);
  expect(schema.safeParse({ urls, url_tag: '' }).success).toBe(true);
  expect(schema.safeParse({ urls: ['http://h/p?target=a', 'http://h/p?target=b', 'http://i/m'] }).success).toBe(true);
});
