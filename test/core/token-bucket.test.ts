import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { TokenBucket } from '../../src/core/token-bucket.ts';

test('a second of tokens is available at once, then they arrive at the rate', () => {
  const bucket = new TokenBucket(1000, 0);
  bucket.take(400, 0);
  expect(bucket.waitMs(0)).toBe(0);
  bucket.take(1600, 0);
  expect(bucket.waitMs(0)).toBe(1001);
  expect(bucket.waitMs(1001)).toBe(0);
});

test('tokens unused for more than a second are lost', () => {
  const bucket = new TokenBucket(1000, 0);
  bucket.take(1000, 3_600_000);
  expect(bucket.waitMs(3_600_000)).toBe(1);
});

test('the maximum can be more or less than a second of tokens', () => {
  const slow = new TokenBucket(0.5, 0, 1);
  slow.take(1, 0);
  expect(slow.waitMs(0)).toBe(2000);
  const bursty = new TokenBucket(1, 0, 3);
  for (let i = 0; i < 3; i += 1) {
    expect(bursty.waitMs(0)).toBe(0);
    bursty.take(1, 0);
  }
  expect(bursty.waitMs(0)).toBe(1000);
  expect(bursty.waitMs(3_600_000)).toBe(0);
});

test('the rate is never exceeded by more than a second of tokens and one batch; after waitMs a batch may be sent', () => {
  const batches = fc.array(fc.record({ bytes: fc.integer({ min: 0, max: 5000 }), pause: fc.nat(3000) }));
  fc.assert(
    fc.property(batches, fc.integer({ min: 1, max: 10_000 }), (all, rate) => {
      const bucket = new TokenBucket(rate, 0);
      let [now, sent, largest] = [0, 0, 0];
      for (const { bytes, pause } of all) {
        now += bucket.waitMs(now);
        expect(bucket.waitMs(now)).toBe(0);
        bucket.take(bytes, now);
        sent += bytes;
        largest = Math.max(largest, bytes);
        expect(sent).toBeLessThanOrEqual(rate * (1 + now / 1000) + largest);
        now += pause;
      }
    }),
  );
});
