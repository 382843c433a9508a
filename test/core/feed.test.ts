import { expect, test } from '@jest/globals';

import { Feed } from '../../src/core/feed.ts';

function collect(feed: Feed<number>) {
  const values: number[] = [];
  return { values, end: feed.subscribe((value) => values.push(value)) };
}

test('what happens while nobody listens is held for the first who will, the newest of it', () => {
  const feed = new Feed<number>(2);
  for (const value of [1, 2, 3]) feed.publish(value);
  const [first, second] = [collect(feed), collect(feed)];
  feed.publish(4);
  expect(first.values).toEqual([2, 3, 4]);
  expect(second.values).toEqual([4]);
});

test('who has ended hears no more, and what comes then is held again', () => {
  const feed = new Feed<number>();
  const first = collect(feed);
  feed.publish(1);
  first.end();
  feed.publish(2);
  expect(first.values).toEqual([1]);
  expect(collect(feed).values).toEqual([2]);
});

test('what a listener itself publishes is not told', () => {
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

test('nor what it publishes about what was held for it', () => {
  const feed = new Feed<number>();
  feed.publish(1);
  const end = feed.subscribe((value) => {
    feed.publish(value + 1);
  });
  end();
  expect(collect(feed).values).toEqual([]);
});
