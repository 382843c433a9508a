import { expect, test } from '@jest/globals';

import { Feed } from '../../src/core/feed.ts';

function collect(feed: Feed<number>) {
  const values: number[] = [];
  return { values, end: feed.subscribe((value) => values.push(value)) };
}

test('the newest values published without a listener are buffered for the first one', () => {
  const feed = new Feed<number>(2);
  for (const value of [1, 2, 3]) feed.publish(value);
  const [first, second] = [collect(feed), collect(feed)];
  feed.publish(4);
  expect(first.values).toEqual([2, 3, 4]);
  expect(second.values).toEqual([4]);
});

test('an ended subscription gets nothing, and values are buffered again', () => {
  const feed = new Feed<number>();
  const first = collect(feed);
  feed.publish(1);
  first.end();
  feed.publish(2);
  expect(first.values).toEqual([1]);
  expect(collect(feed).values).toEqual([2]);
});

test('values that a listener publishes are ignored', () => {
  const feed = new Feed<number>();
  const values: number[] = [];
  feed.subscribe((value) => {
    values.push(value);
    feed.publish(value + 1);
  });
  feed.publish(1);
  feed.publish(10);
  expect(values).toEqual([1, 10]);
});

test('values that a listener publishes about buffered ones are ignored', () => {
  const feed = new Feed<number>();
  feed.publish(1);
  const end = feed.subscribe((value) => {
    feed.publish(value + 1);
  });
  end();
  expect(collect(feed).values).toEqual([]);
});
